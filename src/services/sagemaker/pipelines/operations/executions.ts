import type { JsonValue } from "#core";
import type { Handlers } from "#kernel";
import { conflict, notBuilt, resourceNotFound, validation } from "../../faults.ts";
import { pageOf } from "../../page.ts";
import { setExecutionStatus } from "../announce.ts";
import { type Definition, parseDefinition } from "../definition.ts";
import { startExecution, stopExecution } from "../engine.ts";
import { type ExecutionRow, executionsOf, type PipelinesContext, type pipelineTables, stepsOf } from "../state.ts";
import { tableKey } from "#kernel";
import { requirePipeline } from "./pipelines.ts";

/** AWS: steps that run at once when the pipeline does not say; "Pipeline quotas". */
const PARALLEL = 50;

export const executions = {
  async StartPipelineExecution(input, ctx) {
    if (input.SelectiveExecutionConfig) throw notBuilt("SelectiveExecutionConfig of StartPipelineExecution");
    const pipeline = requirePipeline(ctx, input.PipelineName);
    const token = input.ClientRequestToken;
    const again = executionsOf(ctx, pipeline.arn).find(
      ({ clientToken }) => token !== undefined && clientToken === token,
    );
    if (again) return { PipelineExecutionArn: again.arn };
    const definition = parseDefinition(pipeline.definition);
    const id = ctx.kernel.ids.token(12);
    const now = ctx.now().toISOString();
    const execution: ExecutionRow = {
      arn: `${pipeline.arn}/execution/${id}`,
      id,
      pipelineArn: pipeline.arn,
      pipelineName: pipeline.name,
      ...(input.PipelineExecutionDisplayName !== undefined && { displayName: input.PipelineExecutionDisplayName }),
      ...(input.PipelineExecutionDescription !== undefined && { description: input.PipelineExecutionDescription }),
      definition: pipeline.definition,
      roleArn: pipeline.roleArn,
      parameters: parametersOf(definition, input.PipelineParameters ?? []),
      maxParallelSteps:
        input.ParallelismConfiguration?.MaxParallelExecutionSteps ?? pipeline.maxParallelSteps ?? PARALLEL,
      ...(token !== undefined && { clientToken: token }),
      created: now,
      modified: now,
      status: "Executing",
    };
    ctx.tables.pipelines.put(pipeline.arn, { ...pipeline, lastRun: now });
    await setExecutionStatus(ctx, execution, "Executing");
    startExecution(ctx, execution);
    return { PipelineExecutionArn: execution.arn };
  },

  DescribePipelineExecution(input, ctx) {
    return toDescription(requireExecution(ctx, input.PipelineExecutionArn));
  },

  ListPipelineExecutions(input, ctx) {
    const { CreatedAfter: CreationTimeAfter, CreatedBefore: CreationTimeBefore } = input;
    const { rows, next } = pageOf(
      executionsOf(ctx, requirePipeline(ctx, input.PipelineName).arn),
      { ...input, CreationTimeAfter, CreationTimeBefore },
      ({ arn: name, created }) => ({ name, created }),
    );
    return {
      PipelineExecutionSummaries: rows.map((row) => ({
        PipelineExecutionArn: row.arn,
        StartTime: new Date(row.created),
        PipelineExecutionStatus: row.status,
        ...(row.description !== undefined && { PipelineExecutionDescription: row.description }),
        PipelineExecutionDisplayName: row.displayName ?? row.id,
        ...(row.failureReason !== undefined && { PipelineExecutionFailureReason: row.failureReason }),
      })),
      ...next,
    };
  },

  ListPipelineExecutionSteps(input, ctx) {
    const steps = stepsOf(ctx, requireExecution(ctx, input.PipelineExecutionArn ?? "").arn);
    const { rows, next } = pageOf(steps, input, ({ name, order: created }) => ({ name, created }));
    return {
      PipelineExecutionSteps: rows.map((row) => ({
        StepName: row.name,
        ...(row.displayName !== undefined && { StepDisplayName: row.displayName }),
        ...(row.description !== undefined && { StepDescription: row.description }),
        StartTime: new Date(row.started),
        ...(row.ended !== undefined && { EndTime: new Date(row.ended) }),
        StepStatus: row.status,
        ...(row.cachedFrom !== undefined && { CacheHitResult: { SourcePipelineExecutionArn: row.cachedFrom } }),
        ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
        Metadata: row.metadata,
        AttemptCount: row.attempts,
      })),
      ...next,
    };
  },

  ListPipelineParametersForExecution(input, ctx) {
    const { parameters } = requireExecution(ctx, input.PipelineExecutionArn);
    return { PipelineParameters: Object.entries(parameters).map(([Name, value]) => ({ Name, Value: String(value) })) };
  },

  DescribePipelineDefinitionForExecution(input, ctx) {
    const row = requireExecution(ctx, input.PipelineExecutionArn);
    return { PipelineDefinition: row.definition, CreationTime: new Date(row.created) };
  },

  async StopPipelineExecution(input, ctx) {
    const row = requireExecution(ctx, input.PipelineExecutionArn);
    if (row.status !== "Executing" && row.status !== "Stopping") {
      throw conflict(`Pipeline execution with ARN ${row.arn} has already ended with status ${row.status}.`);
    }
    await setExecutionStatus(ctx, row, "Stopping");
    stopExecution(ctx, row.arn);
    return { PipelineExecutionArn: row.arn };
  },

  async RetryPipelineExecution(input, ctx) {
    const row = requireExecution(ctx, input.PipelineExecutionArn);
    if (row.status !== "Failed" && row.status !== "Stopped") {
      throw conflict(`Only executions that failed or were stopped can be retried; ${row.arn} is ${row.status}.`);
    }
    for (const step of stepsOf(ctx, row.arn)) {
      if (step.status !== "Succeeded") ctx.tables.steps.delete(tableKey(row.arn, step.name));
    }
    delete row.failureReason;
    await setExecutionStatus(ctx, row, "Executing");
    startExecution(ctx, row);
    return { PipelineExecutionArn: row.arn };
  },
} satisfies Handlers<"sagemaker", typeof pipelineTables>;

function requireExecution(ctx: PipelinesContext, arn: string): ExecutionRow {
  const row = ctx.tables.executions.get(arn);
  if (row) return row;
  throw resourceNotFound(`Pipeline execution with ARN ${arn} does not exist.`);
}

function parametersOf(
  definition: Definition,
  given: readonly { readonly Name: string; readonly Value: string }[],
): Record<string, JsonValue> {
  const declared = new Map(definition.parameters.map((one) => [one.Name, one]));
  const unknown = given.filter(({ Name }) => !declared.has(Name)).map(({ Name }) => Name);
  if (unknown.length > 0)
    throw validation(`Pipeline parameters [${unknown.join(", ")}] are not defined in the pipeline definition.`);
  const values = new Map(given.map(({ Name, Value }) => [Name, Value]));
  return Object.fromEntries(
    definition.parameters.map(({ Name, Type, DefaultValue }) => {
      const value = values.get(Name);
      if (value === undefined && DefaultValue === undefined)
        throw validation(`The pipeline parameter ${Name} must have a value.`);
      return [Name, value === undefined ? (DefaultValue as JsonValue) : typed(Name, Type, value)];
    }),
  );
}

function typed(name: string, type: string, text: string): JsonValue {
  if (type === "String") return text;
  if (type === "Boolean" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  const value = Number(text);
  const fits =
    text.trim() !== "" && (type === "Integer" ? Number.isInteger(value) : type === "Float" && Number.isFinite(value));
  if (fits) return value;
  throw validation(`The pipeline parameter ${name} has the type ${type}; ${JSON.stringify(text)} is none.`);
}

function toDescription(row: ExecutionRow) {
  return {
    PipelineArn: row.pipelineArn,
    PipelineExecutionArn: row.arn,
    PipelineExecutionDisplayName: row.displayName ?? row.id,
    PipelineExecutionStatus: row.status,
    ...(row.description !== undefined && { PipelineExecutionDescription: row.description }),
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
    CreationTime: new Date(row.created),
    LastModifiedTime: new Date(row.modified),
    ParallelismConfiguration: { MaxParallelExecutionSteps: row.maxParallelSteps },
  };
}
