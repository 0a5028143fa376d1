import type { StackRow } from "../state.ts";
import { carryOutDelete, failCreate, rollBack } from "./carry-out.ts";
import { startWork } from "./start-work.ts";
import type { StackContext } from "./work.ts";

const INTERRUPTED = "The server stopped while this was in progress.";

/** After a crash: creations and updates that were in progress are rolled back, deletions go on. */
export async function resumeStacks(ctx: StackContext): Promise<void> {
  for (const { row } of ctx.tables.stacks.list()) {
    if (!row.status.endsWith("_IN_PROGRESS") || row.status === "REVIEW_IN_PROGRESS") continue;
    ctx.kernel.interrupted.push(
      `The stack ${row.name} was ${row.status}: ${row.status === "DELETE_IN_PROGRESS" ? "that goes on" : "it is rolled back"}.`,
    );
    await startWork(ctx, row, workOf(row));
  }
}

function workOf(stack: StackRow): (ctx: StackContext, stack: StackRow) => Promise<void> {
  if (stack.status === "DELETE_IN_PROGRESS") return carryOutDelete;
  if (stack.previous) return (ctx, row) => rollBack(ctx, row, INTERRUPTED);
  return (ctx, row) => failCreate(ctx, row, INTERRUPTED);
}
