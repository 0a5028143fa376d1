import { type Context, type Kernel, servicePrincipal, tableKey } from "#kernel";
import type { EventRow, EventsTables, RuleRow, TargetRow } from "./state.ts";

export const SERVICE = "events.amazonaws.com";

/** Writes one row for each target of the rule; how many. */
export function store(ctx: Context<EventsTables>, rule: Pick<RuleRow, "name" | "arn">, event: EventRow): number {
  const now = ctx.now().getTime();
  const targets = targetsOf(ctx, rule.name);
  for (const target of targets) {
    ctx.tables.outbox.put(tableKey(now.toString().padStart(15, "0"), ctx.kernel.ids.uuid()), {
      region: ctx.region,
      ruleName: rule.name,
      ruleArn: rule.arn,
      target,
      event,
      accepted: now,
      attempts: 0,
      due: now,
    });
  }
  return targets.length;
}

export function targetsOf(ctx: Context<EventsTables>, rule: string): TargetRow[] {
  return ctx.tables.targets.list({ prefix: tableKey(rule, "") }).map(({ row }) => row);
}

/** EventBridge itself at work in a region, outside of any request. */
export function atWork(kernel: Kernel, region: string): Context<EventsTables> {
  const principal = servicePrincipal(SERVICE, kernel.settings.account);
  return kernel.context("events", principal, region) as unknown as Context<EventsTables>;
}

/** AWS: events have whole seconds. */
export function toEventTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
