import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sweepProcesses } from "#kernel";
import { SERVER_DIED } from "./job-life.ts";
import { openProcessingRecord } from "./processing-record.ts";
import type { JobContext, ProcessingRow, TrainingRow } from "./state.ts";
import { openTrainingRecord } from "./training-record.ts";
import { isRunning } from "./running.ts";

/** After a crash: ends what still runs, removes its folders, and fails the jobs with the reason. */
export async function startJobs(ctx: JobContext): Promise<void> {
  const { home } = ctx.kernel.settings;
  sweepProcesses(join(home, "processes"));
  await rm(join(home, "jobs"), { recursive: true, force: true });
  const failed = { status: "Failed", failureReason: SERVER_DIED, ended: ctx.now().getTime() } as const;
  // Not awaited: the bus may start after this service, and keeps an event until it does.
  const later = (row: TrainingRow | ProcessingRow, work: (own: JobContext) => Promise<void>) => {
    const own = ctx.kernel.context("sagemaker", ctx.principal, row.region) as unknown as JobContext;
    if (!isRunning(row)) return;
    const name = row.arn.split("/").at(-1) ?? "";
    // A pipeline's own jobs are told of with its run.
    if (!name.startsWith("pipelines-")) ctx.kernel.interrupted.push(`The job ${name} was running: it has failed.`);
    ctx.kernel.tasks.run(`sagemaker ${row.arn}`, () => work(own));
  };
  for (const { row } of ctx.tables.trainingJobs.list()) {
    later(row, (own) =>
      openTrainingRecord(own, row.request.TrainingJobName).enter("Failed", "Training job failed", failed),
    );
  }
  for (const { row } of ctx.tables.processingJobs.list()) {
    later(row, (own) => openProcessingRecord(own, row.request.ProcessingJobName).update(failed));
  }
}
