import { formatArn, isRecord, parseJson } from "#core";
import type { Context, Handlers, InputOf } from "#kernel";
import { invalid, patternInvalid, ruleHasTargets, ruleNotFound, ruleWithoutTrigger } from "../faults.ts";
import { targetsOf } from "../outbox.ts";
import { compilePattern, type Pattern } from "../pattern.ts";
import { PatternError } from "../pattern-json.ts";
import { parseSchedule } from "../schedule.ts";
import { requireScheduler } from "../scheduler.ts";
import type { EventsTables, RuleRow } from "../state.ts";
import { nextToken, pageOf } from "./pages.ts";
import { assertDefaultBus } from "./buses.ts";

type Events = Context<EventsTables>;

export const rules = {
  async PutRule(input, ctx) {
    assertDefaultBus(input.EventBusName);
    if (input.EventPattern === undefined && input.ScheduleExpression === undefined) throw ruleWithoutTrigger();
    if (input.EventPattern !== undefined) requirePattern(input.EventPattern);
    if (input.ScheduleExpression !== undefined) parseSchedule(input.ScheduleExpression, 0);
    if (input.RoleArn !== undefined) await ctx.authorize(passRole(input.RoleArn));
    const known = ctx.tables.rules.get(input.Name);
    const row = toRow(input, ctx, known);
    save(ctx, row);
    return { RuleArn: row.arn };
  },

  DescribeRule(input, ctx) {
    assertDefaultBus(input.EventBusName);
    const rule = requireRule(ctx, input.Name);
    return { ...toRule(rule), CreatedBy: rule.createdBy };
  },

  ListRules(input, ctx) {
    assertDefaultBus(input.EventBusName);
    const { rows, more } = pageOf(ctx.tables.rules, input, input.NamePrefix ?? "");
    return { Rules: rows.map(({ row }) => toRule(row)), ...nextToken(more) };
  },

  EnableRule(input, ctx) {
    assertDefaultBus(input.EventBusName);
    save(ctx, { ...requireRule(ctx, input.Name), state: "ENABLED" });
    return {};
  },

  DisableRule(input, ctx) {
    assertDefaultBus(input.EventBusName);
    save(ctx, { ...requireRule(ctx, input.Name), state: "DISABLED" });
    return {};
  },

  // AWS: a rule that is not there is deleted without a word. Seen in the AWS-checked test suites of other projects.
  DeleteRule(input, ctx) {
    assertDefaultBus(input.EventBusName);
    if (targetsOf(ctx, input.Name).length > 0) throw ruleHasTargets();
    ctx.tables.rules.delete(input.Name);
    requireScheduler(ctx.kernel).remove(ctx.region, input.Name);
    return {};
  },

  TestEventPattern(input) {
    const pattern = requirePattern(input.EventPattern);
    return { Result: pattern(requireEvent(input.Event)) };
  },
} satisfies Handlers<"events", EventsTables>;

export function requireRule(ctx: Events, name: string): RuleRow {
  const rule = ctx.tables.rules.get(name);
  if (!rule) throw ruleNotFound(name);
  return rule;
}

export function ruleArn(at: { readonly account: string; readonly region: string }, name: string): string {
  return formatArn({ service: "events", region: at.region, account: at.account, resource: `rule/${name}` });
}

export function passRole(roleArn: string) {
  return { action: "iam:PassRole", resource: roleArn, conditions: { "iam:PassedToService": "events.amazonaws.com" } };
}

function save(ctx: Events, row: RuleRow): void {
  ctx.tables.rules.put(row.name, row);
  requireScheduler(ctx.kernel).set(ctx.region, row);
}

function requirePattern(source: string): Pattern {
  try {
    return compilePattern(source);
  } catch (error) {
    if (error instanceof PatternError) throw patternInvalid(error.message);
    throw error;
  }
}

// AWS: the members that an event must have. EventBridge API reference, TestEventPattern.
const EVENT_MEMBERS = ["id", "account", "source", "time", "region", "resources", "detail-type"];

function requireEvent(text: string): unknown {
  const event = parseJson(text);
  if (!isRecord(event)) throw invalid("Parameter Event is not valid.");
  const absent = EVENT_MEMBERS.filter((member) => !(member in event));
  if (absent.length > 0) throw invalid(`Parameter Event is not valid. Reason: ${absent.join(", ")} must be present.`);
  return event;
}

function toRow(input: InputOf<"events", "PutRule">, ctx: Events, known: RuleRow | undefined): RuleRow {
  return {
    name: input.Name,
    arn: ruleArn(ctx, input.Name),
    state: input.State ?? known?.state ?? "ENABLED",
    createdBy: ctx.account,
    // AWS: the tags of an update are ignored. EventBridge API reference, PutRule.
    tags: known?.tags ?? Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    ...(input.EventPattern !== undefined && { pattern: input.EventPattern }),
    ...(input.ScheduleExpression !== undefined && { schedule: input.ScheduleExpression }),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
  };
}

function toRule(row: RuleRow) {
  return {
    Name: row.name,
    Arn: row.arn,
    EventPattern: row.pattern,
    ScheduleExpression: row.schedule,
    State: row.state,
    Description: row.description,
    RoleArn: row.roleArn,
    EventBusName: "default",
  };
}
