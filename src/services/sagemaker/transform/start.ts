import { SERVER_DIED } from "../jobs/job-life.ts";
import { isRunning } from "../jobs/running.ts";
import { openTransformRecord } from "./record.ts";
import type { TransformContext } from "./state.ts";

/** After a crash, what was running has failed, and says so. Its processes and folders are swept with those of the other jobs. */
export function startTransforms(ctx: TransformContext): void {
  for (const { row } of ctx.tables.transformJobs.list()) {
    if (!isRunning(row)) continue;
    const own = ctx.kernel.context("sagemaker", ctx.principal, row.region) as unknown as TransformContext;
    const name = row.request.TransformJobName;
    // A pipeline's own jobs are told of with its run.
    if (!name.startsWith("pipelines-")) ctx.kernel.interrupted.push(`The job ${name} was running: it has failed.`);
    const failed = { status: "Failed", failureReason: SERVER_DIED, ended: ctx.now().getTime() } as const;
    // Not awaited: the bus may start after this service, and keeps an event until it does.
    ctx.kernel.tasks.run(`sagemaker ${row.arn}`, () => openTransformRecord(own, name).update(failed));
  }
}
