import { type Context, table, tableKey } from "#kernel";
import type { JsonValue } from "#core";
import { tagTables } from "../tags.ts";

export interface PipelineRow {
  readonly name: string;
  readonly arn: string;
  displayName: string;
  description?: string;
  definition: string;
  roleArn: string;
  maxParallelSteps?: number;
  readonly created: string;
  modified: string;
  lastRun?: string;
}

export type ExecutionStatus = "Executing" | "Stopping" | "Stopped" | "Failed" | "Succeeded";
export type StepStatus = "Starting" | "Executing" | "Stopping" | "Stopped" | "Failed" | "Succeeded";

/** One run of a pipeline, with the definition it started with. */
export interface ExecutionRow {
  readonly arn: string;
  readonly id: string;
  readonly pipelineArn: string;
  readonly pipelineName: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  readonly maxParallelSteps: number;
  readonly clientToken?: string;
  readonly created: string;
  modified: string;
  status: ExecutionStatus;
  failureReason?: string;
}

/** Keyed by execution and step, in the order in which they started. */
export interface StepRow {
  readonly name: string;
  readonly type: string;
  readonly order: number;
  readonly displayName?: string;
  readonly description?: string;
  readonly started: string;
  ended?: string;
  status: StepStatus;
  failureReason?: string;
  attempts: number;
  cachedFrom?: string;
  /** As `ListPipelineExecutionSteps` gives it, e.g. `{ TrainingJob: { Arn } }`. */
  metadata: Readonly<Record<string, unknown>>;
  /** What `{"Get": "Steps.Name.…"}` sees: the Describe answer of what the step made. */
  properties: JsonValue;
}

/** A step that succeeded, by what went into it. */
export interface CacheRow {
  readonly executionArn: string;
  readonly at: string;
  readonly metadata: StepRow["metadata"];
  readonly properties: JsonValue;
}

export const pipelineTables = {
  pipelines: table<PipelineRow>(),
  executions: table<ExecutionRow>(),
  steps: table<StepRow>(),
  stepCache: table<CacheRow>(),
  ...tagTables,
};

export type PipelinesContext = Context<typeof pipelineTables>;

/** The executions of a pipeline, oldest first. */
export function executionsOf(ctx: PipelinesContext, pipelineArn: string): ExecutionRow[] {
  const rows = ctx.tables.executions.list({ prefix: `${pipelineArn}/execution/` }).map(({ row }) => row);
  return rows.sort((a, b) => a.created.localeCompare(b.created));
}

export function stepsOf(ctx: PipelinesContext, executionArn: string): StepRow[] {
  const rows = ctx.tables.steps.list({ prefix: tableKey(executionArn, "") }).map(({ row }) => row);
  return rows.sort((a, b) => a.order - b.order);
}

export function putStep(ctx: PipelinesContext, executionArn: string, row: StepRow): void {
  ctx.tables.steps.put(tableKey(executionArn, row.name), row);
}
