import type { Handlers } from "#kernel";
import { readGoal, stackArn } from "../engine/goal.ts";
import { carryOutCreate, carryOutDelete, carryOutUpdate, rollBack } from "../engine/carry-out.ts";
import { changesTo } from "../engine/changes.ts";
import { setStackStatus } from "../engine/events.ts";
import { startWork } from "../engine/start-work.ts";
import { toWork, type StackContext } from "../engine/work.ts";
import { noUpdates, notBuilt, stackAlreadyExists, stackNotFound, validationError, wrongState } from "../faults.ts";
import { findStack, type Goal, type StackRow, type tables } from "../state.ts";
import { toStack } from "../views.ts";

export const stacks = {
  async CreateStack(input, ctx) {
    refuseUnbuilt(input);
    if (findStack(ctx.tables, input.StackName)) throw stackAlreadyExists(input.StackName);
    const goal = await readGoal(ctx, input);
    const stack = newStack(ctx, input.StackName, goal, {
      disableRollback: input.DisableRollback ?? false,
      onFailure: input.OnFailure ?? "ROLLBACK",
      capabilities: input.Capabilities ?? [],
      terminationProtection: input.EnableTerminationProtection ?? false,
      ...(input.RoleARN !== undefined && { roleArn: input.RoleARN }),
      ...(input.ClientRequestToken !== undefined && { clientToken: input.ClientRequestToken }),
    });
    toWork(ctx, stack, goal);
    ctx.tables.names.put(stack.name, stack.id);
    setStackStatus(ctx, stack, "CREATE_IN_PROGRESS", "User Initiated");
    await startWork(ctx, stack, carryOutCreate);
    return { StackId: stack.id };
  },

  async UpdateStack(input, ctx) {
    refuseUnbuilt(input);
    const stack = requireStack(ctx, input.StackName);
    requireUpdatable(stack);
    const goal = await readGoal(ctx, input, stack);
    if (changesTo(ctx, stack, goal).length === 0 && !differsOtherwise(stack, goal)) throw noUpdates();
    beginUpdate(ctx, stack, goal, {
      ...(input.Capabilities && { capabilities: input.Capabilities }),
      ...(input.RoleARN !== undefined && { roleArn: input.RoleARN }),
      ...(input.ClientRequestToken !== undefined && { clientToken: input.ClientRequestToken }),
      disableRollback: input.DisableRollback ?? false,
    });
    await startWork(ctx, stack, carryOutUpdate);
    return { StackId: stack.id };
  },

  async ContinueUpdateRollback(input, ctx) {
    if (input.ResourcesToSkip?.length) throw notBuilt("ResourcesToSkip");
    const stack = requireStack(ctx, input.StackName);
    if (stack.status !== "UPDATE_ROLLBACK_FAILED") throw wrongState(stack.id, stack.status);
    stack.principal = ctx.principal;
    if (input.RoleARN !== undefined) stack.roleArn = input.RoleARN;
    await startWork(ctx, stack, (at, row) => rollBack(at, row, "User Initiated"));
    return {};
  },

  async DeleteStack(input, ctx) {
    const stack = findStack(ctx.tables, input.StackName);
    // AWS: deleting what is not there succeeds; DeleteStack's page says nothing else, and every tool relies on it.
    if (!stack || stack.deleted !== undefined) return {};
    if (input.RetainResources?.length) throw notBuilt("RetainResources");
    if (stack.terminationProtection) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (stack.status === "DELETE_IN_PROGRESS") return {};
    if (stack.status.endsWith("_IN_PROGRESS") && stack.status !== "REVIEW_IN_PROGRESS")
      throw wrongState(stack.id, stack.status);
    stack.principal = ctx.principal;
    if (input.RoleARN !== undefined) stack.roleArn = input.RoleARN;
    setStackStatus(ctx, stack, "DELETE_IN_PROGRESS", "User Initiated");
    await startWork(ctx, stack, carryOutDelete);
    return {};
  },

  DescribeStacks(input, ctx) {
    if (input.StackName !== undefined) return { Stacks: [toStack(requireStack(ctx, input.StackName, true))] };
    const living = ctx.tables.stacks.list().filter(({ row }) => row.deleted === undefined);
    return { Stacks: living.map(({ row }) => toStack(row)) };
  },

  ListStacks(input, ctx) {
    const wanted: readonly string[] | undefined = input.StackStatusFilter;
    const rows = ctx.tables.stacks.list().map(({ row }) => row);
    return {
      StackSummaries: rows
        .filter((row) => !wanted?.length || wanted.includes(row.status))
        .map(toStack)
        .map(({ StackId, StackName, CreationTime, LastUpdatedTime, DeletionTime, StackStatus, StackStatusReason }) => ({
          StackId,
          StackName,
          CreationTime,
          LastUpdatedTime,
          DeletionTime,
          StackStatus,
          StackStatusReason,
        })),
    };
  },

  UpdateTerminationProtection(input, ctx) {
    const stack = requireStack(ctx, input.StackName);
    stack.terminationProtection = input.EnableTerminationProtection;
    ctx.tables.stacks.put(stack.id, stack);
    return { StackId: stack.id };
  },
} satisfies Handlers<"cloudformation", typeof tables>;

export function requireStack(ctx: StackContext, name: string, deletedToo = false): StackRow {
  const stack = findStack(ctx.tables, name);
  if (!stack || (stack.deleted !== undefined && !(deletedToo && name.startsWith("arn:")))) throw stackNotFound(name);
  return stack;
}

export function newStack(ctx: StackContext, name: string, goal: Goal, how: Partial<StackRow>): StackRow {
  return {
    id: stackArn(ctx, name),
    name,
    region: ctx.region,
    status: "REVIEW_IN_PROGRESS",
    created: ctx.now().toISOString(),
    capabilities: [],
    outputs: [],
    disableRollback: false,
    onFailure: "ROLLBACK",
    terminationProtection: false,
    principal: ctx.principal,
    ...goal,
    ...how,
  };
}

/** Notes what to fall back to, and that the update has begun. */
export function beginUpdate(ctx: StackContext, stack: StackRow, goal: Goal, how: Partial<StackRow>): void {
  const { template, parameters, tags } = stack;
  Object.assign(stack, goal, how, {
    previous: { template, parameters, tags },
    principal: ctx.principal,
    updated: ctx.now().toISOString(),
  });
  setStackStatus(ctx, stack, "UPDATE_IN_PROGRESS", "User Initiated");
}

const UPDATABLE = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"];

export function requireUpdatable(stack: StackRow): void {
  if (!UPDATABLE.includes(stack.status)) throw wrongState(stack.id, stack.status);
}

/** Changes that touch no resource: outputs, tags. */
export function differsOtherwise(stack: StackRow, goal: Goal): boolean {
  return JSON.stringify(stack.tags) !== JSON.stringify(goal.tags) || outputsText(stack) !== outputsText(goal);
}

function outputsText({ template }: { readonly template: string }): string {
  const parsed: unknown = template.trimStart().startsWith("{") ? JSON.parse(template) : undefined;
  return JSON.stringify((parsed as { Outputs?: unknown } | undefined)?.Outputs ?? null);
}

function refuseUnbuilt(input: object): void {
  const named = ["NotificationARNs", "RollbackConfiguration", "StackPolicyBody", "StackPolicyURL", "ResourceTypes"];
  const given = named.find((name) => {
    const value = (input as Record<string, unknown>)[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  if (given) throw notBuilt(given);
}
