import type { Context, Handlers } from "#kernel";
import { groupNotFound, resourceNotFound } from "../faults.ts";
import type { LogGroupRow, LogsTables } from "../state.ts";
import { groupNameOf, requireGroup } from "./log-groups.ts";

export const tags = {
  TagResource: (input, ctx) => add(ctx, requireTagged(ctx, input.resourceArn), input.tags),
  UntagResource: (input, ctx) => remove(ctx, requireTagged(ctx, input.resourceArn), input.tagKeys),
  ListTagsForResource: (input, ctx) => ({ tags: { ...requireTagged(ctx, input.resourceArn).tags } }),
  TagLogGroup: (input, ctx) => add(ctx, requireGroup(ctx, input.logGroupName), input.tags),
  UntagLogGroup: (input, ctx) => remove(ctx, requireGroup(ctx, input.logGroupName), input.tags),
  ListTagsLogGroup: (input, ctx) => ({ tags: { ...requireGroup(ctx, input.logGroupName).tags } }),
} satisfies Handlers<"logs", LogsTables>;

function requireTagged(ctx: Context<LogsTables>, arn: string): LogGroupRow {
  if (!arn.includes(":log-group:")) throw resourceNotFound();
  const group = ctx.tables.groups.get(groupNameOf(arn));
  if (!group) throw groupNotFound();
  return group;
}

function add(ctx: Context<LogsTables>, group: LogGroupRow, more: Readonly<Record<string, string>>) {
  ctx.tables.groups.put(group.name, { ...group, tags: { ...group.tags, ...more } });
  return {};
}

function remove(ctx: Context<LogsTables>, group: LogGroupRow, keys: readonly string[]) {
  const kept = Object.entries(group.tags).filter(([key]) => !keys.includes(key));
  ctx.tables.groups.put(group.name, { ...group, tags: Object.fromEntries(kept) });
  return {};
}
