import { type Context, type InputOf, table, tableKey } from "#kernel";
import { tagTables } from "../tags.ts";

/** What one that waits sees of a job, and what is kept of it. Times are milliseconds since the epoch. */
interface JobRow<Status> {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly status: Status;
  readonly failureReason?: string;
  readonly created: number;
  readonly modified: number;
  readonly started?: number;
  readonly ended?: number;
}

type CreateTrainingJob = InputOf<"sagemaker", "CreateTrainingJob">;

/** The request, without its tags, once it is known to be one for this kind of job. */
export type TrainingRequest = Omit<CreateTrainingJob, "Tags" | "AlgorithmSpecification"> & {
  readonly AlgorithmSpecification: NonNullable<CreateTrainingJob["AlgorithmSpecification"]>;
};

export interface TrainingRow extends JobRow<"InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped"> {
  readonly request: TrainingRequest;
  readonly transitions: readonly Transition[];
  readonly model?: string;
  readonly metrics?: readonly Metric[];
}

export type SecondaryStatus =
  | "Starting"
  | "Downloading"
  | "Training"
  | "Uploading"
  | "Stopping"
  | "Stopped"
  | "MaxRuntimeExceeded"
  | "Completed"
  | "Failed";

export interface Transition {
  readonly status: SecondaryStatus;
  readonly start: number;
  readonly end?: number;
  readonly message: string;
}

export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly at: number;
}

export type ProcessingRequest = Omit<InputOf<"sagemaker", "CreateProcessingJob">, "Tags">;

export interface ProcessingRow extends JobRow<"InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped"> {
  readonly request: ProcessingRequest;
  readonly exitMessage?: string;
}

/** Of the account, with the region in the key, so that a start finds what was running in every region. */
export const jobTables = {
  trainingJobs: table<TrainingRow>({ scope: "account" }),
  processingJobs: table<ProcessingRow>({ scope: "account" }),
  ...tagTables,
};

export type JobContext = Context<typeof jobTables>;

export function jobKey(region: string, name: string): string {
  return tableKey(region, name.toLowerCase());
}
