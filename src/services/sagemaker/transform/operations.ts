import type { Handlers } from "#kernel";
import { sagemakerArn } from "../arns.ts";
import { resourceInUse, validation } from "../faults.ts";
import { requireModel } from "../hosting/operations/models.ts";
import { launch } from "../jobs/launch.ts";
import { askToStop, requireStoppable } from "../jobs/running.ts";
import { pageOf } from "../page.ts";
import { putTags } from "../tags.ts";
import { announceTransform, openTransformRecord, toDescription, toSummary } from "./record.ts";
import { requireTransformable } from "./request.ts";
import { runTransform } from "./run.ts";
import { type AroundTransform, type TransformContext, transformKey, type TransformRow } from "./state.ts";

export const transformOperations = {
  async CreateTransformJob(input, ctx) {
    const request = requireTransformable(input);
    const name = request.TransformJobName;
    const arn = sagemakerArn(ctx, "transform-job", name);
    const model = requireModel(ctx, request.ModelName);
    if (model.input.ExecutionRoleArn === undefined) {
      throw validation(
        `The model "${model.arn}" has no ExecutionRoleArn, and a transform job reads and writes S3 as it.`,
      );
    }
    const key = transformKey(ctx.region, name);
    if (ctx.tables.transformJobs.get(key)) {
      throw resourceInUse(
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
    const now = ctx.now().getTime();
    const id = ctx.kernel.ids.token(12);
    const row: TransformRow = {
      id,
      arn,
      region: ctx.region,
      status: "InProgress",
      created: now,
      modified: now,
      request,
    };
    ctx.tables.transformJobs.put(key, row);
    putTags(ctx.tables, arn, input.Tags);
    await announceTransform(ctx, row);
    launch(ctx, arn, (own, stop) => runTransform({ ctx: own, record: openTransformRecord(own, name), stop }));
    return { TransformJobArn: arn };
  },

  DescribeTransformJob(input, ctx) {
    return toDescription(requireTransformJob(ctx, input.TransformJobName));
  },

  ListTransformJobs(input, ctx) {
    const all = ctx.tables.transformJobs.list({ prefix: transformKey(ctx.region, "") }).map(({ row }) => row);
    const { rows, next } = pageOf(all, input, (row) => ({ ...row, name: row.request.TransformJobName }));
    return { TransformJobSummaries: rows.map(toSummary), ...next };
  },

  async StopTransformJob(input, ctx) {
    const row = requireTransformJob(ctx, input.TransformJobName);
    requireStoppable("transform job", row);
    await openTransformRecord(ctx, input.TransformJobName).update({ status: "Stopping" });
    askToStop(ctx.kernel, row.arn);
    return {};
  },
} satisfies Handlers<"sagemaker", AroundTransform>;

function requireTransformJob(ctx: TransformContext, name: string): TransformRow {
  const row = ctx.tables.transformJobs.get(transformKey(ctx.region, name));
  if (row) return row;
  // AWS: the sentence of processing jobs, as a ValidationException. Seen in boto3 error reports.
  throw validation(`Could not find requested job with name: ${name}`);
}
