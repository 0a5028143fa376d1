import type { OutputOf } from "#kernel";
import { announce } from "./announce.ts";
import { type JobContext, jobKey, type ProcessingRow } from "./state.ts";
import { inMilliseconds } from "./training-views.ts";

type Changes = Partial<Omit<ProcessingRow, "id" | "arn" | "region" | "request" | "created">>;

/** The row of one processing job while it runs, and the events about it. */
export interface ProcessingRecord {
  readonly row: ProcessingRow;
  /** Silently, or with an event when the status changes. */
  update(changes: Changes): Promise<void>;
}

export function openProcessingRecord(ctx: JobContext, name: string): ProcessingRecord {
  const key = jobKey(ctx.region, name);
  const current = () => {
    const row = ctx.tables.processingJobs.get(key);
    if (!row) throw new Error(`The processing job ${name} is not there any more.`);
    return row;
  };
  return {
    get row() {
      return current();
    },
    async update(changes) {
      ctx.tables.processingJobs.put(key, { ...current(), modified: ctx.now().getTime(), ...changes });
      if (changes.status !== undefined) await announceProcessing(ctx, current());
    },
  };
}

/** AWS: the event's detail is what Describe answers, times in milliseconds. EventBridge chapter of the developer guide. */
export function announceProcessing(ctx: JobContext, row: ProcessingRow): Promise<void> {
  const detail = inMilliseconds({ ...toProcessingDescription(row), Tags: {} }) as Record<string, unknown>;
  return announce(ctx, "SageMaker Processing Job State Change", detail, row.arn);
}

/** What DescribeProcessingJob answers. */
export function toProcessingDescription(row: ProcessingRow): OutputOf<"sagemaker", "DescribeProcessingJob"> {
  const { request } = row;
  return {
    ...request,
    ProcessingJobArn: row.arn,
    ProcessingJobStatus: row.status,
    StoppingCondition: { MaxRuntimeInSeconds: DEFAULT_MAX_RUNTIME, ...request.StoppingCondition },
    CreationTime: new Date(row.created),
    LastModifiedTime: new Date(row.modified),
    ...(row.started !== undefined && { ProcessingStartTime: new Date(row.started) }),
    ...(row.ended !== undefined && { ProcessingEndTime: new Date(row.ended) }),
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
    ...(row.exitMessage !== undefined && { ExitMessage: row.exitMessage }),
  };
}

/** AWS: "The default value is 1 day." StoppingCondition in the API reference. */
export const DEFAULT_MAX_RUNTIME = 86_400;

export function toProcessingSummary(row: ProcessingRow) {
  return {
    ProcessingJobName: row.request.ProcessingJobName,
    ProcessingJobArn: row.arn,
    CreationTime: new Date(row.created),
    LastModifiedTime: new Date(row.modified),
    ProcessingJobStatus: row.status,
    ...(row.ended !== undefined && { ProcessingEndTime: new Date(row.ended) }),
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
    ...(row.exitMessage !== undefined && { ExitMessage: row.exitMessage }),
  };
}
