import { canonicalJson } from "#core";
import type { Context, ResourceContext } from "#kernel";
import { conditionHolds, evaluate, type Scope } from "../template/evaluate.ts";
import { dependenciesOf, inOrder } from "../template/order.ts";
import { parseTemplate, type Template } from "../template/parse.ts";
import { resolveParameters } from "../template/parameters.ts";
import { type Goal, resourcesOf, type StackRow, type tables } from "../state.ts";

export type StackContext = Context<typeof tables>;

/** A stack being brought to a goal: what every step of it needs. */
export interface Work {
  readonly ctx: StackContext;
  readonly stack: StackRow;
  readonly template: Template;
  readonly scope: Scope;
  /** The resources that the goal wants, in the order in which they can be made. */
  readonly wanted: readonly string[];
}

/** Reads a goal against the stack as it is. Refuses what cannot be carried out. */
export function toWork(ctx: StackContext, stack: StackRow, goal: Goal): Work {
  const template = parseTemplate(goal.template);
  const parameters = resolveParameters(template, goal.parameters);
  const scope = scopeOf(ctx, stack, { template, parameters });
  const dependencies = new Map<string, readonly string[]>();
  for (const [id, declaration] of Object.entries(template.resources)) {
    if (declaration.Condition !== undefined && !conditionHolds(declaration.Condition, scope)) continue;
    dependencies.set(id, dependenciesOf(template, declaration));
  }
  return { ctx, stack, template, scope, wanted: inOrder(dependencies) };
}

function scopeOf(
  ctx: StackContext,
  stack: StackRow,
  { template, parameters }: { template: Template; parameters: Record<string, string> },
): Scope {
  return {
    template,
    parameters,
    pseudo: {
      "AWS::AccountId": ctx.account,
      "AWS::Region": ctx.region,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stack.name,
      "AWS::StackId": stack.id,
      "AWS::NotificationARNs": [],
    },
    resource(logicalId) {
      const row = resourcesOf(ctx.tables, stack.id).find((one) => one.logicalId === logicalId);
      return row && row.status !== "CREATE_FAILED" ? row : undefined;
    },
    imported(name) {
      for (const { row } of ctx.tables.stacks.list()) {
        const found = row.deleted === undefined && row.outputs.find((output) => output.exportName === name);
        if (found) return found.value;
      }
      return undefined;
    },
  };
}

export function propertiesOf(work: Work, logicalId: string): Record<string, unknown> {
  return (evaluate(work.template.resources[logicalId]?.Properties ?? {}, work.scope) ?? {}) as Record<string, unknown>;
}

/** The top-level properties that differ. */
export function changedProperties(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name])).sort();
}

export function resourceContext({ ctx, stack }: Pick<Work, "ctx" | "stack">, logicalId: string): ResourceContext {
  return {
    call: (service, operation, input, options) => ctx.call(service, operation, input, options),
    account: ctx.account,
    region: ctx.region,
    stackName: stack.name,
    stackId: stack.id,
    logicalId,
    tags: {
      ...stack.tags,
      "aws:cloudformation:stack-name": stack.name,
      "aws:cloudformation:stack-id": stack.id,
      "aws:cloudformation:logical-id": logicalId,
    },
    inventName(maxLength) {
      const suffix = `-${ctx.kernel.ids.token(12, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")}`;
      return `${stack.name}-${logicalId}`.slice(0, maxLength - suffix.length) + suffix;
    },
  };
}
