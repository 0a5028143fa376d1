import { formatArn } from "#core";
import { type Handlers, tableKey } from "#kernel";
import { changesTo } from "../engine/changes.ts";
import { carryOutCreate, carryOutUpdate } from "../engine/carry-out.ts";
import { setStackStatus } from "../engine/events.ts";
import { readGoal } from "../engine/goal.ts";
import { startWork } from "../engine/start-work.ts";
import type { StackContext } from "../engine/work.ts";
import { changeSetNotFound, stackAlreadyExists, stackNotFound, validationError } from "../faults.ts";
import { type ChangeSetRow, findStack, type StackRow, type tables } from "../state.ts";
import { toChange } from "../views.ts";
import { beginUpdate, differsOtherwise, newStack, requireStack, requireUpdatable } from "./stacks.ts";

// AWS: the reason of a change set that holds nothing; tools compare this text.
const EMPTY = "The submitted information didn't contain changes. Submit different information to create a change set.";

export const changeSets = {
  async CreateChangeSet(input, ctx) {
    const kind = input.ChangeSetType ?? "UPDATE";
    if (kind === "IMPORT") throw validationError("Cauce does not import resources into stacks.");
    const existing = findStack(ctx.tables, input.StackName);
    requireFitting(ctx, { kind, existing, stackName: input.StackName, name: input.ChangeSetName });
    const goal = await readGoal(ctx, input, kind === "UPDATE" ? existing : undefined);
    const stack = existing ?? reviewedStack(ctx, input.StackName, goal);
    const changes = changesTo(ctx, stack, goal);
    const empty = changes.length === 0 && !(kind === "UPDATE" && differsOtherwise(stack, goal));
    const row: ChangeSetRow = {
      id: changeSetArn(ctx, input.ChangeSetName),
      name: input.ChangeSetName,
      stackId: stack.id,
      stackName: stack.name,
      kind,
      status: empty ? "FAILED" : "CREATE_COMPLETE",
      ...(empty && { statusReason: EMPTY }),
      executionStatus: empty ? "UNAVAILABLE" : "AVAILABLE",
      created: ctx.now().toISOString(),
      ...(input.Description !== undefined && { description: input.Description }),
      goal,
      capabilities: input.Capabilities ?? [],
      ...(input.RoleARN !== undefined && { roleArn: input.RoleARN }),
      changes,
    };
    ctx.tables.changeSets.put(tableKey(stack.id, row.name), row);
    return { Id: row.id, StackId: stack.id };
  },

  DescribeChangeSet(input, ctx) {
    const row = requireChangeSet(ctx, input.ChangeSetName, input.StackName);
    return {
      ChangeSetName: row.name,
      ChangeSetId: row.id,
      StackId: row.stackId,
      StackName: row.stackName,
      ...(row.description !== undefined && { Description: row.description }),
      Parameters: Object.entries(row.goal.parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      CreationTime: new Date(row.created),
      ExecutionStatus: row.executionStatus as "AVAILABLE",
      Status: row.status as "CREATE_COMPLETE",
      ...(row.statusReason !== undefined && { StatusReason: row.statusReason }),
      NotificationARNs: [],
      Capabilities: [...row.capabilities] as "CAPABILITY_IAM"[],
      Tags: Object.entries(row.goal.tags).map(([Key, Value]) => ({ Key, Value })),
      Changes: row.changes.map(toChange),
      IncludeNestedStacks: false,
    };
  },

  ListChangeSets(input, ctx) {
    const stack = requireStack(ctx, input.StackName);
    const rows = ctx.tables.changeSets.list({ prefix: tableKey(stack.id, "") }).map(({ row }) => row);
    return {
      Summaries: rows.map((row) => ({
        StackId: row.stackId,
        StackName: row.stackName,
        ChangeSetId: row.id,
        ChangeSetName: row.name,
        ExecutionStatus: row.executionStatus as "AVAILABLE",
        Status: row.status as "CREATE_COMPLETE",
        CreationTime: new Date(row.created),
      })),
    };
  },

  async ExecuteChangeSet(input, ctx) {
    const row = requireChangeSet(ctx, input.ChangeSetName, input.StackName);
    if (row.executionStatus !== "AVAILABLE") {
      throw validationError(`ChangeSet [${row.id}] cannot be executed in its current status of [${row.status}]`);
    }
    const stack = requireStack(ctx, row.stackId);
    const how = {
      changeSetId: row.id,
      capabilities: row.capabilities,
      disableRollback: input.DisableRollback ?? false,
      ...(row.roleArn !== undefined && { roleArn: row.roleArn }),
      ...(input.ClientRequestToken !== undefined && { clientToken: input.ClientRequestToken }),
    };
    ctx.tables.changeSets.put(tableKey(stack.id, row.name), { ...row, executionStatus: "EXECUTE_COMPLETE" });
    if (row.kind === "UPDATE") {
      requireUpdatable(stack);
      beginUpdate(ctx, stack, row.goal, how);
      await startWork(ctx, stack, carryOutUpdate);
    } else {
      Object.assign(stack, row.goal, how, { principal: ctx.principal });
      setStackStatus(ctx, stack, "CREATE_IN_PROGRESS", "User Initiated");
      await startWork(ctx, stack, carryOutCreate);
    }
    return {};
  },

  DeleteChangeSet(input, ctx) {
    const row = findChangeSet(ctx, input.ChangeSetName, input.StackName);
    if (row) ctx.tables.changeSets.delete(tableKey(row.stackId, row.name));
    return {};
  },
} satisfies Handlers<"cloudformation", typeof tables>;

interface Wanted {
  readonly kind: "CREATE" | "UPDATE";
  readonly existing: StackRow | undefined;
  readonly stackName: string;
  readonly name: string;
}

function requireFitting(ctx: StackContext, { kind, existing, stackName, name }: Wanted): void {
  if (kind === "CREATE" && existing && existing.status !== "REVIEW_IN_PROGRESS") throw stackAlreadyExists(stackName);
  if (kind === "UPDATE" && !existing) throw stackNotFound(stackName);
  if (kind === "UPDATE" && existing) requireUpdatable(existing);
  if (existing && ctx.tables.changeSets.get(tableKey(existing.id, name))) throw stackChangeSetExists(name);
}

function reviewedStack(ctx: StackContext, name: string, goal: ChangeSetRow["goal"]): StackRow {
  const stack = newStack(ctx, name, goal, {});
  ctx.tables.names.put(name, stack.id);
  setStackStatus(ctx, stack, "REVIEW_IN_PROGRESS", "User Initiated");
  return stack;
}

function requireChangeSet(ctx: StackContext, name: string, stackName?: string): ChangeSetRow {
  const row = findChangeSet(ctx, name, stackName);
  if (!row) throw changeSetNotFound(name);
  return row;
}

function findChangeSet(ctx: StackContext, name: string, stackName?: string): ChangeSetRow | undefined {
  if (name.startsWith("arn:")) return ctx.tables.changeSets.list().find(({ row }) => row.id === name)?.row;
  if (stackName === undefined)
    throw validationError("StackName must be specified if ChangeSetName is not specified as an ARN.");
  const stack = findStack(ctx.tables, stackName);
  return stack && ctx.tables.changeSets.get(tableKey(stack.id, name));
}

function changeSetArn(ctx: StackContext, name: string): string {
  const { account, region } = ctx;
  return formatArn({
    service: "cloudformation",
    region,
    account,
    resource: `changeSet/${name}/${ctx.kernel.ids.uuid()}`,
  });
}

function stackChangeSetExists(name: string) {
  return validationError(`ChangeSet ${name} cannot be created due to a mismatch with existing attributes`);
}
