import type { OutputOf } from "#kernel";
import type { TrainingRow } from "./state.ts";

const at = (milliseconds: number) => new Date(milliseconds);

/** What DescribeTrainingJob answers. */
export function toDescription(row: TrainingRow): OutputOf<"sagemaker", "DescribeTrainingJob"> {
  const { request } = row;
  return {
    ...request,
    TrainingJobArn: row.arn,
    TrainingJobStatus: row.status,
    SecondaryStatus: row.transitions.at(-1)?.status ?? "Starting",
    AlgorithmSpecification: { EnableSageMakerMetricsTimeSeries: false, ...request.AlgorithmSpecification },
    ResourceConfig: { ...request.ResourceConfig, VolumeSizeInGB: request.ResourceConfig?.VolumeSizeInGB ?? 30 },
    StoppingCondition: { MaxRuntimeInSeconds: DEFAULT_MAX_RUNTIME, ...request.StoppingCondition },
    EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
    EnableInterContainerTrafficEncryption: request.EnableInterContainerTrafficEncryption ?? false,
    EnableManagedSpotTraining: request.EnableManagedSpotTraining ?? false,
    ...toTimes(row),
    // AWS: the address is there from the start on, before there is a model. Seen in DescribeTrainingJob of running jobs.
    ModelArtifacts: { S3ModelArtifacts: row.model ?? modelAddress(row) },
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
    SecondaryStatusTransitions: row.transitions.map(({ status, start, end, message }) => ({
      Status: status,
      StartTime: at(start),
      ...(end !== undefined && { EndTime: at(end) }),
      StatusMessage: message,
    })),
    ...(row.metrics?.length && {
      FinalMetricDataList: row.metrics.map(({ name, value, at: time }) => ({
        MetricName: name,
        Value: value,
        Timestamp: at(time),
      })),
    }),
  };
}

function toTimes(row: TrainingRow) {
  const { created, modified, started, ended } = row;
  return {
    CreationTime: at(created),
    LastModifiedTime: at(modified),
    ...(started !== undefined && { TrainingStartTime: at(started) }),
    ...(ended !== undefined && { TrainingEndTime: at(ended) }),
    ...(started !== undefined &&
      ended !== undefined && { TrainingTimeInSeconds: seconds(row), BillableTimeInSeconds: seconds(row) }),
  };
}

/** AWS: `86400` unless the request says. StoppingCondition in the API reference. */
export const DEFAULT_MAX_RUNTIME = 86_400;

export function modelAddress(row: TrainingRow): string {
  return `${outputPrefix(row)}/output/model.tar.gz`;
}

export function outputPrefix({ request }: TrainingRow): string {
  return `${request.OutputDataConfig?.S3OutputPath?.replace(/\/+$/, "")}/${request.TrainingJobName}`;
}

export function toSummary(row: TrainingRow) {
  return {
    TrainingJobName: row.request.TrainingJobName,
    TrainingJobArn: row.arn,
    CreationTime: at(row.created),
    LastModifiedTime: at(row.modified),
    TrainingJobStatus: row.status,
    SecondaryStatus: row.transitions.at(-1)?.status ?? ("Starting" as const),
    ...(row.ended !== undefined && { TrainingEndTime: at(row.ended) }),
  };
}

/** AWS: the event's detail is what Describe answers, times in milliseconds. EventBridge chapter of the developer guide. */
export function toTrainingEvent(row: TrainingRow): Record<string, unknown> {
  const { ModelArtifacts, ...description } = toDescription(row);
  const detail: Record<string, unknown> = {
    ...description,
    Tags: {},
    ...(row.status === "Completed" && { ModelArtifacts }),
  };
  return inMilliseconds(detail) as Record<string, unknown>;
}

export function inMilliseconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(inMilliseconds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inMilliseconds(inner)]));
}

function seconds({ started = 0, ended = 0 }: TrainingRow): number {
  return Math.max(1, Math.ceil((ended - started) / 1000));
}
