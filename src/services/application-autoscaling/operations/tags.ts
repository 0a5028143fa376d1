import type { Handlers } from "#kernel";
import { resourceNotFound } from "../faults.ts";
import { saveTarget } from "../scalable.ts";
import { type AutoscalingContext, type AutoscalingTables, targetKey, type TargetRow } from "../state.ts";

export const tags = {
  TagResource(input, ctx) {
    const row = requireTagged(ctx, input.ResourceARN);
    saveTarget(ctx, { ...row, tags: { ...row.tags, ...input.Tags } });
    return {};
  },
  UntagResource(input, ctx) {
    const row = requireTagged(ctx, input.ResourceARN);
    const kept = Object.entries(row.tags).filter(([key]) => !input.TagKeys.includes(key));
    saveTarget(ctx, { ...row, tags: Object.fromEntries(kept) });
    return {};
  },
  ListTagsForResource(input, ctx) {
    return { Tags: { ...requireTagged(ctx, input.ResourceARN).tags } };
  },
} satisfies Handlers<"application-autoscaling", AutoscalingTables>;

function requireTagged(ctx: AutoscalingContext, arn: string): TargetRow {
  const here = ctx.tables.targets.list({ prefix: targetKey(ctx.region, "") });
  const found = here.find(({ row }) => row.arn === arn);
  if (!found) throw resourceNotFound(arn);
  return found.row;
}
