import type { Handlers } from "#kernel";
import { sagemakerArn } from "../arns.ts";
import { resourceInUse, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import { dropTags, putTags } from "../tags.ts";
import { launch, takeRole } from "./launch.ts";
import { askToStop, isRunning, requireStoppable } from "./running.ts";
import { type JobContext, jobKey, type jobTables, type TrainingRow } from "./state.ts";
import { openTrainingRecord } from "./training-record.ts";
import { requireTrainable } from "./training-request.ts";
import { runTraining } from "./training-run.ts";
import { toDescription, toSummary } from "./training-views.ts";

export const trainingOperations = {
  async CreateTrainingJob(input, ctx) {
    const request = requireTrainable(input);
    const name = request.TrainingJobName;
    const arn = sagemakerArn(ctx, "training-job", name);
    const role = await takeRole(ctx, request.RoleArn, "SageMaker");
    if (ctx.tables.trainingJobs.get(jobKey(ctx.region, name))) {
      // AWS: amazon-sagemaker-examples pull request 3108.
      throw resourceInUse(
        `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
      );
    }
    const now = ctx.now().getTime();
    ctx.tables.trainingJobs.put(jobKey(ctx.region, name), {
      id: ctx.kernel.ids.token(12),
      arn,
      region: ctx.region,
      status: "InProgress",
      created: now,
      modified: now,
      request,
      transitions: [{ status: "Starting", start: now, message: "Starting the training job" }],
    });
    putTags(ctx.tables, arn, input.Tags);
    launch(ctx, arn, (own, stop) => runTraining({ ctx: own, record: openTrainingRecord(own, name), role, stop }));
    return { TrainingJobArn: arn };
  },

  DescribeTrainingJob(input, ctx) {
    return toDescription(requireTrainingJob(ctx, input.TrainingJobName));
  },

  ListTrainingJobs(input, ctx) {
    const all = ctx.tables.trainingJobs.list({ prefix: jobKey(ctx.region, "") }).map(({ row }) => row);
    const { rows, next } = pageOf(all, input, (row) => ({ ...row, name: row.request.TrainingJobName }));
    return { TrainingJobSummaries: rows.map(toSummary), ...next };
  },

  async StopTrainingJob(input, ctx) {
    const row = requireTrainingJob(ctx, input.TrainingJobName);
    requireStoppable("training job", row);
    await openTrainingRecord(ctx, input.TrainingJobName).enter("Stopping", "Stopping the training job", {
      status: "Stopping",
    });
    askToStop(ctx.kernel, row.arn);
    return {};
  },

  DeleteTrainingJob(input, ctx) {
    const row = requireTrainingJob(ctx, input.TrainingJobName);
    if (isRunning(row)) throw resourceInUse(`The training job ${row.arn} is in status ${row.status}: stop it first.`);
    ctx.tables.trainingJobs.delete(jobKey(ctx.region, input.TrainingJobName));
    dropTags(ctx.tables, row.arn);
    return {};
  },
} satisfies Handlers<"sagemaker", typeof jobTables>;

function requireTrainingJob(ctx: JobContext, name: string): TrainingRow {
  const row = ctx.tables.trainingJobs.get(jobKey(ctx.region, name));
  if (row) return row;
  // AWS: a ValidationException with this text for a training job, not ResourceNotFound. Seen in boto3 error reports.
  throw validation("Requested resource not found.");
}
