import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { type Clients, isAwsError } from "#aws";
import type { Bringable } from "./synth.ts";

export interface Execution {
  readonly arn: string;
  readonly status: string;
  /** Of what it ran: `Synth.runFingerprint`. */
  readonly fingerprint: string | undefined;
  readonly started: Date | undefined;
  readonly failureReason?: string;
}

/** The newest first. Empty when there is no such pipeline. */
export async function listExecutions(
  aws: Clients,
  PipelineName: string,
  MaxResults = 20,
): Promise<readonly Execution[]> {
  try {
    const { PipelineExecutionSummaries = [] } = await (
      await aws.sagemaker()
    ).listPipelineExecutions({ PipelineName, MaxResults, SortBy: "CreationTime", SortOrder: "Descending" });
    return PipelineExecutionSummaries.map((summary) => ({
      arn: summary.PipelineExecutionArn ?? "",
      status: summary.PipelineExecutionStatus ?? "",
      fingerprint: /^run-([0-9a-f]+)$/.exec(summary.PipelineExecutionDisplayName ?? "")?.[1],
      started: summary.StartTime,
      ...(summary.PipelineExecutionFailureReason && { failureReason: summary.PipelineExecutionFailureReason }),
    }));
  } catch (error) {
    if (
      isAwsError(error, "ResourceNotFound") ||
      (isAwsError(error, "ValidationException") && /not.*(found|find|exist)/i.test(error.message))
    )
      return [];
    throw error;
  }
}

/** Starts the pipeline; the display name says what it runs, so that a later `up` knows whether anything has changed. */
export async function startExecution(aws: Clients, synth: Bringable): Promise<string> {
  const { PipelineExecutionArn } = await (
    await aws.sagemaker()
  ).startPipelineExecution({
    PipelineName: synth.names.pipeline,
    PipelineExecutionDisplayName: `run-${synth.runFingerprint}`,
  });
  if (!PipelineExecutionArn) throw new Error("StartPipelineExecution answered no ARN.");
  return PipelineExecutionArn;
}

export async function listSteps(aws: Clients, PipelineExecutionArn: string): Promise<readonly PipelineExecutionStep[]> {
  const { PipelineExecutionSteps = [] } = await (
    await aws.sagemaker()
  ).listPipelineExecutionSteps({ PipelineExecutionArn, SortOrder: "Ascending", MaxResults: 100 });
  return PipelineExecutionSteps;
}
