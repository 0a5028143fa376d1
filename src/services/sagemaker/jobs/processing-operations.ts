import type { Handlers } from "#kernel";
import { sagemakerArn } from "../arns.ts";
import { resourceInUse, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import { dropTags, putTags } from "../tags.ts";
import { launch, takeRole } from "./launch.ts";
import {
  announceProcessing,
  openProcessingRecord,
  toProcessingDescription,
  toProcessingSummary,
} from "./processing-record.ts";
import { requireProcessable } from "./processing-request.ts";
import { runProcessing } from "./processing-run.ts";
import { askToStop, isRunning, requireStoppable } from "./running.ts";
import { type JobContext, jobKey, type jobTables, type ProcessingRow } from "./state.ts";

export const processingOperations = {
  async CreateProcessingJob(input, ctx) {
    const request = requireProcessable(input);
    const name = request.ProcessingJobName;
    const arn = sagemakerArn(ctx, "processing-job", name);
    const role = await takeRole(ctx, request.RoleArn, "SageMaker");
    if (ctx.tables.processingJobs.get(jobKey(ctx.region, name))) {
      throw resourceInUse(
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
    const now = ctx.now().getTime();
    const row = {
      id: ctx.kernel.ids.token(12),
      arn,
      region: ctx.region,
      status: "InProgress",
      created: now,
      modified: now,
      request,
    } as const;
    ctx.tables.processingJobs.put(jobKey(ctx.region, name), row);
    putTags(ctx.tables, arn, input.Tags);
    await announceProcessing(ctx, row);
    launch(ctx, arn, (own, stop) => runProcessing({ ctx: own, record: openProcessingRecord(own, name), role, stop }));
    return { ProcessingJobArn: arn };
  },

  DescribeProcessingJob(input, ctx) {
    return toProcessingDescription(requireProcessingJob(ctx, input.ProcessingJobName));
  },

  ListProcessingJobs(input, ctx) {
    const all = ctx.tables.processingJobs.list({ prefix: jobKey(ctx.region, "") }).map(({ row }) => row);
    const { rows, next } = pageOf(all, input, (row) => ({ ...row, name: row.request.ProcessingJobName }));
    return { ProcessingJobSummaries: rows.map(toProcessingSummary), ...next };
  },

  async StopProcessingJob(input, ctx) {
    const row = requireProcessingJob(ctx, input.ProcessingJobName);
    requireStoppable("processing job", row);
    await openProcessingRecord(ctx, input.ProcessingJobName).update({ status: "Stopping" });
    askToStop(ctx.kernel, row.arn);
    return {};
  },

  DeleteProcessingJob(input, ctx) {
    const row = requireProcessingJob(ctx, input.ProcessingJobName);
    if (isRunning(row)) throw resourceInUse(`The processing job ${row.arn} is in status ${row.status}: stop it first.`);
    ctx.tables.processingJobs.delete(jobKey(ctx.region, input.ProcessingJobName));
    dropTags(ctx.tables, row.arn);
    return {};
  },
} satisfies Handlers<"sagemaker", typeof jobTables>;

function requireProcessingJob(ctx: JobContext, name: string): ProcessingRow {
  const row = ctx.tables.processingJobs.get(jobKey(ctx.region, name));
  if (row) return row;
  // AWS: "Could not find requested job with name: x" as a ValidationException. Seen in boto3 error reports.
  throw validation(`Could not find requested job with name: ${name}`);
}
