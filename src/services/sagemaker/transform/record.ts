import type { OutputOf } from "#kernel";
import { announce } from "../jobs/announce.ts";
import { inMilliseconds } from "../jobs/training-views.ts";
import { type TransformContext, transformKey, type TransformRow } from "./state.ts";

type Changes = Partial<Omit<TransformRow, "id" | "arn" | "region" | "request" | "created">>;

/** The row of one transform job while it runs, and the events about it. */
export interface TransformRecord {
  readonly row: TransformRow;
  /** Silently, or with an event when the status changes. */
  update(changes: Changes): Promise<void>;
}

export function openTransformRecord(ctx: TransformContext, name: string): TransformRecord {
  const key = transformKey(ctx.region, name);
  const current = () => {
    const row = ctx.tables.transformJobs.get(key);
    if (!row) throw new Error(`The transform job ${name} is not there any more.`);
    return row;
  };
  return {
    get row() {
      return current();
    },
    async update(changes) {
      ctx.tables.transformJobs.put(key, { ...current(), modified: ctx.now().getTime(), ...changes });
      if (changes.status !== undefined) await announceTransform(ctx, current());
    },
  };
}

/** AWS: the event's detail is what Describe answers, times in milliseconds. EventBridge chapter of the developer guide. */
export function announceTransform(ctx: TransformContext, row: TransformRow): Promise<void> {
  const Tags = ctx.tables.tags.get(row.arn) ?? {};
  const detail = inMilliseconds({ ...toDescription(row), Tags }) as Record<string, unknown>;
  return announce(ctx, "SageMaker Transform Job State Change", detail, row.arn);
}

/** What DescribeTransformJob answers. AWS: with the defaults of what was left out. */
export function toDescription(row: TransformRow): OutputOf<"sagemaker", "DescribeTransformJob"> {
  const { request } = row;
  return {
    ...request,
    TransformInput: { CompressionType: "None", SplitType: "None", ...request.TransformInput },
    TransformOutput: { AssembleWith: "None", ...request.TransformOutput },
    DataProcessing: { InputFilter: "$", OutputFilter: "$", JoinSource: "None", ...request.DataProcessing },
    TransformJobArn: row.arn,
    TransformJobStatus: row.status,
    CreationTime: new Date(row.created),
    ...(row.started !== undefined && { TransformStartTime: new Date(row.started) }),
    ...(row.ended !== undefined && { TransformEndTime: new Date(row.ended) }),
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
  };
}

export function toSummary(row: TransformRow) {
  return {
    TransformJobName: row.request.TransformJobName,
    TransformJobArn: row.arn,
    CreationTime: new Date(row.created),
    LastModifiedTime: new Date(row.modified),
    TransformJobStatus: row.status,
    ...(row.ended !== undefined && { TransformEndTime: new Date(row.ended) }),
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
  };
}
