import type { Context, Handlers } from "#kernel";
import { requireFunction } from "../function-name.ts";
import type { FunctionRow, LambdaTables } from "../state.ts";

export const tags = {
  TagResource(input, ctx) {
    const row = requireFunction(ctx, input.Resource);
    return write(ctx, row, { ...row.tags, ...input.Tags });
  },

  UntagResource(input, ctx) {
    const row = requireFunction(ctx, input.Resource);
    return write(
      ctx,
      row,
      Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys.includes(key))),
    );
  },

  ListTags: (input, ctx) => ({ Tags: { ...requireFunction(ctx, input.Resource).tags } }),
} satisfies Handlers<"lambda", LambdaTables>;

function write(ctx: Context<LambdaTables>, row: FunctionRow, changed: Readonly<Record<string, string>>) {
  ctx.tables.functions.put(row.name, { ...row, tags: changed, revision: ctx.kernel.ids.uuid() });
  return {};
}
