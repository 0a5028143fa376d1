import { type Handlers, textOf } from "#kernel";
import { nameIn, sagemakerArn } from "../../arns.ts";
import { SAGEMAKER } from "../../events.ts";
import { conflict, resourceNotFound, validation } from "../../faults.ts";
import { pageOf } from "../../page.ts";
import { dropTags, putTags } from "../../tags.ts";
import { dropCache } from "../cache.ts";
import { parseDefinition } from "../definition.ts";
import { executionsOf, type PipelineRow, type PipelinesContext, type pipelineTables } from "../state.ts";

export const pipelines = {
  async CreatePipeline(input, ctx) {
    const arn = sagemakerArn(ctx, "pipeline", input.PipelineName);
    if (ctx.tables.pipelines.get(arn)) {
      throw validation(
        `Pipeline names must be unique within an AWS account and region. Pipeline with name (${input.PipelineName}) already exists.`,
      );
    }
    await requireRole(ctx, input.RoleArn);
    const definition = await definitionText(ctx, input);
    const now = ctx.now().toISOString();
    ctx.tables.pipelines.put(arn, {
      name: input.PipelineName,
      arn,
      displayName: input.PipelineDisplayName ?? input.PipelineName,
      ...(input.PipelineDescription !== undefined && { description: input.PipelineDescription }),
      definition,
      roleArn: input.RoleArn,
      ...maxParallel(input.ParallelismConfiguration),
      created: now,
      modified: now,
    });
    putTags(ctx.tables, arn, input.Tags);
    return { PipelineArn: arn };
  },

  async UpdatePipeline(input, ctx) {
    const row = requirePipeline(ctx, input.PipelineName);
    if (input.RoleArn !== undefined) await requireRole(ctx, input.RoleArn);
    const hasDefinition = input.PipelineDefinition !== undefined || input.PipelineDefinitionS3Location !== undefined;
    Object.assign(row, {
      ...(hasDefinition && { definition: await definitionText(ctx, input) }),
      ...(input.PipelineDisplayName !== undefined && { displayName: input.PipelineDisplayName }),
      ...(input.PipelineDescription !== undefined && { description: input.PipelineDescription }),
      ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
      ...maxParallel(input.ParallelismConfiguration),
      modified: ctx.now().toISOString(),
    });
    ctx.tables.pipelines.put(row.arn, row);
    return { PipelineArn: row.arn };
  },

  DescribePipeline(input, ctx) {
    const row = requirePipeline(ctx, input.PipelineName);
    return {
      PipelineArn: row.arn,
      PipelineName: row.name,
      PipelineDisplayName: row.displayName,
      PipelineDefinition: row.definition,
      ...(row.description !== undefined && { PipelineDescription: row.description }),
      RoleArn: row.roleArn,
      PipelineStatus: "Active",
      CreationTime: new Date(row.created),
      LastModifiedTime: new Date(row.modified),
      ...(row.lastRun !== undefined && { LastRunTime: new Date(row.lastRun) }),
      ...(row.maxParallelSteps !== undefined && {
        ParallelismConfiguration: { MaxParallelExecutionSteps: row.maxParallelSteps },
      }),
    };
  },

  ListPipelines(input, ctx) {
    const rows = ctx.tables.pipelines.list().map(({ row }) => row);
    const named = rows.filter(
      ({ name }) => input.PipelineNamePrefix === undefined || name.startsWith(input.PipelineNamePrefix),
    );
    const { CreatedAfter: CreationTimeAfter, CreatedBefore: CreationTimeBefore } = input;
    const { rows: found, next } = pageOf(named, { ...input, CreationTimeAfter, CreationTimeBefore }, (row) => row);
    return {
      PipelineSummaries: found.map((row) => ({
        PipelineArn: row.arn,
        PipelineName: row.name,
        PipelineDisplayName: row.displayName,
        ...(row.description !== undefined && { PipelineDescription: row.description }),
        RoleArn: row.roleArn,
        CreationTime: new Date(row.created),
        LastModifiedTime: new Date(row.modified),
        ...(row.lastRun !== undefined && { LastExecutionTime: new Date(row.lastRun) }),
      })),
      ...next,
    };
  },

  DeletePipeline(input, ctx) {
    const row = requirePipeline(ctx, input.PipelineName);
    const executions = executionsOf(ctx, row.arn);
    if (executions.some(({ status }) => status === "Executing" || status === "Stopping")) {
      throw conflict(`Pipeline ${row.arn} has executions that are running. Stop them first.`);
    }
    ctx.kernel.transaction(() => {
      for (const execution of executions) {
        for (const { key } of ctx.tables.steps.list({ prefix: execution.arn })) ctx.tables.steps.delete(key);
        ctx.tables.executions.delete(execution.arn);
      }
      dropCache(ctx, row.arn);
      dropTags(ctx.tables, row.arn);
      ctx.tables.pipelines.delete(row.arn);
    });
    return { PipelineArn: row.arn };
  },
} satisfies Handlers<"sagemaker", typeof pipelineTables>;

export function requirePipeline(ctx: PipelinesContext, nameOrArn: string): PipelineRow {
  const arn = sagemakerArn(ctx, "pipeline", nameIn("pipeline", nameOrArn));
  const row = ctx.tables.pipelines.get(arn);
  if (row) return row;
  throw resourceNotFound(`Pipeline '${arn}' does not exist.`);
}

async function requireRole(ctx: PipelinesContext, roleArn: string): Promise<void> {
  await ctx.authorize({ action: "iam:PassRole", resource: roleArn, conditions: { "iam:PassedToService": SAGEMAKER } });
}

interface DefinitionInput {
  readonly PipelineDefinition?: string | undefined;
  readonly PipelineDefinitionS3Location?:
    | { readonly Bucket: string; readonly ObjectKey: string; readonly VersionId?: string | undefined }
    | undefined;
}

async function definitionText(ctx: PipelinesContext, input: DefinitionInput): Promise<string> {
  const { PipelineDefinition: inline, PipelineDefinitionS3Location: location } = input;
  if ((inline === undefined) === (location === undefined)) {
    throw validation("Exactly one of PipelineDefinition and PipelineDefinitionS3Location must be given.");
  }
  const text = inline ?? (location && (await readObject(ctx, location))) ?? "";
  parseDefinition(text);
  return text;
}

async function readObject(
  ctx: PipelinesContext,
  at: NonNullable<DefinitionInput["PipelineDefinitionS3Location"]>,
): Promise<string> {
  const { Body: body } = await ctx.call("s3", "GetObject", {
    Bucket: at.Bucket,
    Key: at.ObjectKey,
    ...(at.VersionId !== undefined && { VersionId: at.VersionId }),
  });
  return textOf(body);
}

function maxParallel(configuration: { readonly MaxParallelExecutionSteps?: number | undefined } | undefined) {
  const max = configuration?.MaxParallelExecutionSteps;
  return max === undefined ? {} : { maxParallelSteps: max };
}
