import { messageOf } from "#core";
import type { Live } from "#kernel";
import { SAGEMAKER } from "../events.ts";
import { reasonOf, setExecutionStatus } from "./announce.ts";
import { type Definition, parseDefinition, type StepDeclaration } from "./definition.ts";
import { runStep } from "./run-step.ts";
import { type ExecutionRow, type PipelinesContext, putStep, type StepRow, stepsOf } from "./state.ts";

/** The executions that run now, by ARN, each with the way to stop it. */
const running: Live<Map<string, AbortController>> = { name: "pipeline executions", create: () => new Map() };

/** Runs an execution in the background, from where its steps are. */
export function startExecution(ctx: PipelinesContext, execution: ExecutionRow): void {
  const controller = new AbortController();
  ctx.kernel.live(running).set(execution.arn, controller);
  ctx.kernel.tasks.run(`pipeline execution ${execution.pipelineName}`, async (serverStops) => {
    const signal = AbortSignal.any([controller.signal, serverStops]);
    try {
      await carryOut(ctx, execution, signal);
    } catch (error) {
      if (serverStops.aborted) return;
      await setExecutionStatus(ctx, execution, "Failed", reasonOf(error));
    } finally {
      ctx.kernel.live(running).delete(execution.arn);
    }
  });
}

/** Asks a running execution to stop: its jobs are stopped, nothing new begins. */
export function stopExecution(ctx: PipelinesContext, arn: string): void {
  ctx.kernel.live(running).get(arn)?.abort();
}

/** After a crash: what was running has failed, and says why. A retry goes on from the steps that were done. */
export async function failInterrupted(ctx: PipelinesContext): Promise<void> {
  const reason =
    "The server stopped while this was running. RetryPipelineExecution goes on from the steps that are done.";
  for (const { row: execution } of ctx.tables.executions.list()) {
    if (execution.status !== "Executing" && execution.status !== "Stopping") continue;
    ctx.kernel.interrupted.push(`The pipeline ${execution.pipelineName} was running: that run has failed.`);
    for (const step of stepsOf(ctx, execution.arn)) {
      if (step.status !== "Executing" && step.status !== "Starting") continue;
      putStep(ctx, execution.arn, { ...step, status: "Failed", failureReason: reason, ended: ctx.now().toISOString() });
    }
    await setExecutionStatus(ctx, execution, execution.status === "Stopping" ? "Stopped" : "Failed", reason);
  }
}

async function carryOut(ctx: PipelinesContext, execution: ExecutionRow, signal: AbortSignal): Promise<void> {
  const session = await ctx.assume(execution.roleArn, { service: SAGEMAKER, sessionName: "SageMaker" });
  const acting = ctx.as(session.principal);
  const definition = parseDefinition(execution.definition);
  const done = await runAll({ ctx: acting, execution, definition, signal });
  if (signal.aborted) return setExecutionStatus(ctx, execution, "Stopped");
  const failed = done.some(({ status }) => status !== "Succeeded");
  // AWS: the execution does not repeat the step's reason.
  if (failed) return setExecutionStatus(ctx, execution, "Failed", "Step failure: One or multiple steps failed.");
  await setExecutionStatus(ctx, execution, "Succeeded");
}

interface Run {
  readonly ctx: PipelinesContext;
  readonly execution: ExecutionRow;
  readonly definition: Definition;
  readonly signal: AbortSignal;
}

/** Starts each step as soon as those before it are done; after a failure only waits for what is running. */
async function runAll(run: Run): Promise<StepRow[]> {
  const { ctx, execution, definition, signal } = run;
  const rows = new Map(stepsOf(ctx, execution.arn).map((row) => [row.name, row]));
  const open = new Map<string, Promise<void>>();
  let bug: unknown;
  for (;;) {
    const mayStart =
      bug === undefined && !signal.aborted && [...rows.values()].every(({ status }) => status === "Succeeded");
    const ready = mayStart ? definition.steps.filter((step) => isReady(step, rows, open)) : [];
    for (const step of ready.slice(0, execution.maxParallelSteps - open.size)) {
      const promise = runStep({ ...run, step })
        .then((row) => void rows.set(step.name, row))
        .catch((error: unknown) => void (bug = error))
        .finally(() => open.delete(step.name));
      open.set(step.name, promise);
    }
    if (open.size === 0) break;
    await Promise.race(open.values());
  }
  if (bug !== undefined) throw new Error(messageOf(bug), { cause: bug });
  return [...rows.values()];
}

function isReady(
  step: StepDeclaration,
  rows: ReadonlyMap<string, StepRow>,
  open: ReadonlyMap<string, unknown>,
): boolean {
  if (rows.has(step.name) || open.has(step.name)) return false;
  if (!step.after.every((name) => rows.get(name)?.status === "Succeeded")) return false;
  if (!step.branch) return true;
  const chosen = rows.get(step.branch.condition)?.metadata["Condition"] as { readonly Outcome?: string } | undefined;
  return chosen?.Outcome === (step.branch.outcome ? "True" : "False");
}
