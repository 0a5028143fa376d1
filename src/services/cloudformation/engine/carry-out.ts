import { evaluate, conditionHolds } from "../template/evaluate.ts";
import { inOrder } from "../template/order.ts";
import { dropResource, type Goal, type OutputRow, type ResourceRow, resourcesOf, type StackRow } from "../state.ts";
import { setStackStatus } from "./events.ts";
import { bringAbout, isReplaced, putBack, reasonOf, remove, ResourceFailure, withoutMark } from "./resources.ts";
import { type StackContext, toWork, type Work } from "./work.ts";

/** Makes a new stack. A failure ends as `onFailure` says; it is never thrown. */
export async function carryOutCreate(ctx: StackContext, stack: StackRow): Promise<void> {
  try {
    await apply(ctx, stack, stack);
    setStackStatus(ctx, stack, "CREATE_COMPLETE");
  } catch (error) {
    await failCreate(ctx, stack, failureOf(error, "create"));
  }
}

/** Brings a stack from `stack.previous` to what its row now says; goes back when that fails. */
export async function carryOutUpdate(ctx: StackContext, stack: StackRow): Promise<void> {
  try {
    const work = await apply(ctx, stack, stack);
    setStackStatus(ctx, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    await cleanUp(work);
    delete stack.previous;
    setStackStatus(ctx, stack, "UPDATE_COMPLETE");
  } catch (error) {
    if (stack.disableRollback) setStackStatus(ctx, stack, "UPDATE_FAILED", failureOf(error, "update"));
    else await rollBack(ctx, stack, failureOf(error, "update"));
  }
}

/** Back to what the stack was before the update. */
export async function rollBack(ctx: StackContext, stack: StackRow, reason: string): Promise<void> {
  const previous = stack.previous;
  if (!previous) throw new Error(`The stack ${stack.name} has nothing to go back to.`);
  setStackStatus(ctx, stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason);
  try {
    const superseded = restoreReplaced(ctx, stack);
    Object.assign(stack, previous);
    const work = await apply(ctx, stack, previous);
    setStackStatus(ctx, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
    for (const row of superseded) await remove({ ctx, stack }, row);
    await cleanUp(work);
    delete stack.previous;
    setStackStatus(ctx, stack, "UPDATE_ROLLBACK_COMPLETE");
  } catch (error) {
    setStackStatus(ctx, stack, "UPDATE_ROLLBACK_FAILED", reasonOf(error));
  }
}

/** Removes all that the stack made, last made first. */
export async function carryOutDelete(ctx: StackContext, stack: StackRow): Promise<void> {
  const failed = await removeAll(ctx, stack);
  if (failed.length > 0) {
    setStackStatus(ctx, stack, "DELETE_FAILED", `The following resource(s) failed to delete: [${failed.join(", ")}].`);
    return;
  }
  stack.deleted = ctx.now().toISOString();
  stack.outputs = [];
  if (ctx.tables.names.get(stack.name) === stack.id) ctx.tables.names.delete(stack.name);
  setStackStatus(ctx, stack, "DELETE_COMPLETE");
}

export async function failCreate(ctx: StackContext, stack: StackRow, reason: string): Promise<void> {
  if (stack.onFailure === "DO_NOTHING" || stack.disableRollback) {
    setStackStatus(ctx, stack, "CREATE_FAILED", reason);
    return;
  }
  if (stack.onFailure === "DELETE") {
    setStackStatus(ctx, stack, "DELETE_IN_PROGRESS", reason);
    return carryOutDelete(ctx, stack);
  }
  setStackStatus(ctx, stack, "ROLLBACK_IN_PROGRESS", `${reason} Rollback requested by user.`);
  const failed = await removeAll(ctx, stack);
  if (failed.length === 0) setStackStatus(ctx, stack, "ROLLBACK_COMPLETE");
  else
    setStackStatus(
      ctx,
      stack,
      "ROLLBACK_FAILED",
      `The following resource(s) failed to delete: [${failed.join(", ")}].`,
    );
}

async function apply(ctx: StackContext, stack: StackRow, goal: Goal): Promise<Work> {
  const work = toWork(ctx, stack, goal);
  const before = new Map(resourcesOf(ctx.tables, stack.id).map((row) => [row.logicalId, row]));
  for (const logicalId of work.wanted) await bringAbout(work, logicalId, before.get(logicalId));
  stack.outputs = outputsOf(work);
  if (work.template.description === undefined) delete stack.description;
  else stack.description = work.template.description;
  return work;
}

function outputsOf({ template, scope }: Work): OutputRow[] {
  return Object.entries(template.outputs)
    .filter(([, { Condition }]) => Condition === undefined || conditionHolds(Condition, scope))
    .map(([key, output]) => ({
      key,
      value: String(evaluate(output.Value, scope)),
      ...(output.Description !== undefined && { description: output.Description }),
      ...(output.Export && { exportName: String(evaluate(output.Export.Name, scope)) }),
    }));
}

/** Removes the old ones of what was replaced, and what the template no longer has. */
async function cleanUp({ ctx, stack, wanted }: Work): Promise<void> {
  const rows = resourcesOf(ctx.tables, stack.id);
  const living = new Set(
    rows.filter((row) => wanted.includes(row.logicalId)).map((row) => `${row.type} ${row.physicalId}`),
  );
  for (const row of backwards(rows)) {
    if (wanted.includes(row.logicalId)) continue;
    // The new one may have come under the same name: then there is nothing old to remove.
    if (isReplaced(row) && living.has(`${row.type} ${row.physicalId}`))
      dropResource(ctx.tables, stack.id, row.logicalId);
    else await remove({ ctx, stack }, row);
  }
}

/** Puts replaced resources back; gives what had taken their places, under names of their own, to be removed. */
function restoreReplaced(ctx: StackContext, stack: StackRow): ResourceRow[] {
  const rows = resourcesOf(ctx.tables, stack.id);
  const current = new Map(rows.map((row) => [row.logicalId, row]));
  return rows.filter(isReplaced).flatMap((old) => {
    const taker = putBack({ ctx, stack }, old, current.get(withoutMark(old.logicalId)));
    return taker && taker.physicalId !== old.physicalId
      ? [{ ...taker, logicalId: `${taker.logicalId}#superseded` }]
      : [];
  });
}

async function removeAll(ctx: StackContext, stack: StackRow): Promise<string[]> {
  const failed: string[] = [];
  for (const row of backwards(resourcesOf(ctx.tables, stack.id))) {
    try {
      await remove({ ctx, stack }, row);
    } catch (error) {
      if (!(error instanceof ResourceFailure)) throw error;
      failed.push(error.logicalId);
    }
  }
  return failed;
}

function backwards(rows: readonly ResourceRow[]): ResourceRow[] {
  const byId = new Map(rows.map((row) => [row.logicalId, row]));
  const order = inOrder(new Map(rows.map((row) => [row.logicalId, row.dependsOn])));
  return order.reverse().flatMap((id) => byId.get(id) ?? []);
}

function failureOf(error: unknown, verb: "create" | "update"): string {
  if (error instanceof ResourceFailure) return `The following resource(s) failed to ${verb}: [${error.logicalId}].`;
  return reasonOf(error);
}
