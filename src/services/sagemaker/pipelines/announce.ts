import { messageOf } from "#core";
import { emit } from "../events.ts";
import type { ExecutionRow, ExecutionStatus, PipelinesContext, StepRow } from "./state.ts";
import { putStep } from "./state.ts";

// AWS: both events, their members in lower camel case, as in the EventBridge page of the SageMaker guide.

/** Moves an execution to a status, durably, and tells. */
export async function setExecutionStatus(
  ctx: PipelinesContext,
  execution: ExecutionRow,
  status: ExecutionStatus,
  reason?: string,
): Promise<void> {
  const previous = execution.status;
  execution.status = status;
  execution.modified = ctx.now().toISOString();
  if (reason !== undefined) execution.failureReason = reason;
  ctx.tables.executions.put(execution.arn, execution);
  const detail = {
    pipelineExecutionDisplayName: execution.displayName ?? execution.id,
    currentPipelineExecutionStatus: status,
    ...(previous !== status && { previousPipelineExecutionStatus: previous }),
    executionStartTime: execution.created,
    ...(status !== "Executing" && status !== "Stopping" && { executionEndTime: execution.modified }),
    pipelineArn: execution.pipelineArn,
    pipelineExecutionArn: execution.arn,
  };
  await emit(ctx, "SageMaker Model Building Pipeline Execution Status Change", detail, [
    execution.pipelineArn,
    execution.arn,
  ]);
}

/** Writes a step down and tells. */
export async function setStep(ctx: PipelinesContext, execution: ExecutionRow, step: StepRow): Promise<void> {
  putStep(ctx, execution.arn, step);
  const detail = {
    metadata: step.metadata,
    stepStartTime: step.started,
    ...(step.ended !== undefined && { stepEndTime: step.ended }),
    stepName: step.name,
    stepType: step.type,
    currentStepStatus: step.status,
    ...(step.failureReason !== undefined && { failureReason: step.failureReason }),
    ...(step.cachedFrom !== undefined && { cacheHitResult: { sourcePipelineExecutionArn: step.cachedFrom } }),
    pipelineArn: execution.pipelineArn,
    pipelineExecutionArn: execution.arn,
  };
  await emit(ctx, "SageMaker Model Building Pipeline Execution Step Status Change", detail, [
    execution.pipelineArn,
    execution.arn,
  ]);
}

/** AWS: reasons are cut at 1,024 characters. */
export function reasonOf(error: unknown): string {
  return messageOf(error).slice(0, 1024);
}
