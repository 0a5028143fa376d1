import { parseArn } from "#core";
import type { Handlers } from "#kernel";
import { resourceNotFound } from "../faults.ts";
import { findAlarm, saveAlarm } from "../require-alarm.ts";
import type { AlarmRow, CloudWatchContext, CloudWatchTables } from "../state.ts";

export const tags = {
  TagResource(input, ctx) {
    const row = requireTagged(ctx, input.ResourceARN);
    const added = Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
    saveAlarm(ctx, { ...row, tags: { ...row.tags, ...added } });
    return {};
  },
  UntagResource(input, ctx) {
    const row = requireTagged(ctx, input.ResourceARN);
    const kept = Object.entries(row.tags).filter(([key]) => !input.TagKeys.includes(key));
    saveAlarm(ctx, { ...row, tags: Object.fromEntries(kept) });
    return {};
  },
  ListTagsForResource(input, ctx) {
    const row = requireTagged(ctx, input.ResourceARN);
    return { Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })) };
  },
} satisfies Handlers<"cloudwatch", CloudWatchTables>;

function requireTagged(ctx: CloudWatchContext, arn: string): AlarmRow {
  const parsed = parseArn(arn);
  const name = parsed?.service === "cloudwatch" && parsed.resource.startsWith("alarm:") ? parsed.resource.slice(6) : "";
  const row = findAlarm(ctx, name);
  if (!row) throw resourceNotFound(arn);
  return row;
}
