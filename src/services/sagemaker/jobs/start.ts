import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sweepProcesses } from "#kernel";
import { SERVER_DIED } from "./job-life.ts";
import type { JobContext } from "./state.ts";
import { openTrainingRecord } from "./training-record.ts";
import { isRunning } from "./training-operations.ts";

/** After a crash: ends what still runs, removes its folders, and fails the jobs with the reason. */
export async function startJobs(ctx: JobContext): Promise<void> {
  const { home } = ctx.kernel.settings;
  sweepProcesses(join(home, "processes"));
  await rm(join(home, "jobs"), { recursive: true, force: true });
  const now = ctx.now().getTime();
  for (const { row } of ctx.tables.trainingJobs.list()) {
    if (!isRunning(row)) continue;
    const own = ctx.kernel.context("sagemaker", ctx.principal, row.region) as unknown as JobContext;
    const failed = { status: "Failed", failureReason: SERVER_DIED, ended: now } as const;
    // Not awaited: the bus may start after this service, and the event is kept until it does.
    ctx.kernel.tasks.run(`sagemaker ${row.arn}`, () =>
      openTrainingRecord(own, row.request.TrainingJobName).enter("Failed", "Training job failed", failed),
    );
  }
}
