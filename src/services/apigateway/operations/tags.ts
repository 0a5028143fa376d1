import { parseArn } from "#core";
import { type Handlers, tableKey } from "#kernel";
import { badRequest, notImplemented } from "../faults.ts";
import type { ApiTables, Strings } from "../state.ts";
import { type ApiContext, requireApi } from "./rest-apis.ts";
import { requireStage } from "./stages.ts";

export const tags = {
  TagResource(input, ctx) {
    const tagged = requireTagged(ctx, input.resourceArn);
    tagged.write({ ...tagged.tags, ...input.tags });
    return {};
  },

  UntagResource(input, ctx) {
    const tagged = requireTagged(ctx, input.resourceArn);
    tagged.write(Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !input.tagKeys.includes(key))));
    return {};
  },

  GetTags(input, ctx) {
    return { tags: { ...requireTagged(ctx, input.resourceArn).tags } };
  },
} satisfies Handlers<"apigateway", ApiTables>;

const STAGE = /^\/restapis\/([^/]+)(?:\/stages\/([^/]+))?$/;

/** `arn:aws:apigateway:region::/restapis/id`, or `…/stages/name` below it. */
function requireTagged(ctx: ApiContext, text: string): { tags: Strings; write: (tags: Strings) => void } {
  const arn = parseArn(decodeURIComponent(text));
  if (arn?.service !== "apigateway") throw badRequest("Invalid resource ARN specified in the request");
  const [, api, stage] = STAGE.exec(arn.resource) ?? [];
  if (api === undefined) throw notImplemented(`tags of ${arn.resource}`);
  const row = requireApi(ctx, api);
  if (stage === undefined)
    return { tags: row.tags, write: (changed) => ctx.tables.apis.put(api, { ...row, tags: changed }) };
  const found = requireStage(ctx, api, stage);
  return {
    tags: found.tags,
    write: (changed) => ctx.tables.stages.put(tableKey(api, stage), { ...found, tags: changed }),
  };
}
