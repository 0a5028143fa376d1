import { CauceError, messageOf } from "#core";
import type { Context } from "#kernel";
import { unlessAborted } from "./abort.ts";
import { fleet } from "./fleet.ts";
import { pythonIsReady } from "./python-runtime.ts";
import type { FunctionRow, LambdaTables } from "./state.ts";

/**
 * A Python function is `Pending` while the Python of this server is being made (the first time only), then `Active`, or `Failed` with
 * the reason. An invocation in between waits.
 */
export function prepareRuntime(ctx: Context<LambdaTables>, row: FunctionRow): FunctionRow {
  if (!row.runtime.startsWith("python")) return row;
  if (pythonIsReady(ctx.kernel.settings.home)) return settle(ctx, row, undefined);
  const pending = { ...row, state: "Pending", stateReason: "Python and boto3 are being installed." } as const;
  ctx.tables.functions.put(row.name, pending);
  ctx.kernel.tasks.run(`lambda: Python for ${row.name}`, (signal) => finish(ctx, row.name, signal));
  return pending;
}

/** Functions whose Python was being made when the server ended. */
export function resumePending(ctx: Context<LambdaTables>): void {
  for (const { row } of ctx.tables.functions.list()) if (row.state === "Pending") prepareRuntime(ctx, row);
}

async function finish(ctx: Context<LambdaTables>, name: string, signal: AbortSignal): Promise<void> {
  const made = ctx.kernel.live(fleet).python();
  const failed = await unlessAborted(
    made.then(() => undefined, reasonOf),
    signal,
  );
  const row = signal.aborted ? undefined : ctx.tables.functions.get(name);
  if (row) settle(ctx, row, failed);
}

function settle(ctx: Context<LambdaTables>, row: FunctionRow, failed: string | undefined): FunctionRow {
  if (row.state === "Active" && failed === undefined) return row;
  const { stateReason: _, ...rest } = row;
  const settled: FunctionRow =
    failed === undefined ? { ...rest, state: "Active" } : { ...rest, state: "Failed", stateReason: failed };
  ctx.tables.functions.put(row.name, settled);
  return settled;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CauceError)) return messageOf(error);
  const { what, why, fix } = error.explanation;
  return `${what} ${why} ${fix}`;
}
