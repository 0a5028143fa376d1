import type { Context, Handlers } from "#kernel";
import { parseArn } from "#core";
import { arnMalformed } from "../faults.ts";
import type { EventsTables, RuleRow } from "../state.ts";
import { requireRule } from "./rules.ts";

export const tags = {
  TagResource(input, ctx) {
    const rule = requireTagged(ctx, input.ResourceARN);
    const added = Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value]));
    ctx.tables.rules.put(rule.name, { ...rule, tags: { ...rule.tags, ...added } });
    return {};
  },

  UntagResource(input, ctx) {
    const rule = requireTagged(ctx, input.ResourceARN);
    const kept = Object.entries(rule.tags).filter(([key]) => !input.TagKeys.includes(key));
    ctx.tables.rules.put(rule.name, { ...rule, tags: Object.fromEntries(kept) });
    return {};
  },

  ListTagsForResource(input, ctx) {
    const rule = requireTagged(ctx, input.ResourceARN);
    return { Tags: Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value })) };
  },
} satisfies Handlers<"events", EventsTables>;

function requireTagged(ctx: Context<EventsTables>, text: string): RuleRow {
  const arn = parseArn(text);
  if (arn?.service !== "events" || !arn.resource.startsWith("rule/")) throw arnMalformed(text);
  return requireRule(ctx, arn.resource.slice(arn.resource.lastIndexOf("/") + 1));
}
