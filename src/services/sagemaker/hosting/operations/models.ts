import type { Handlers } from "#kernel";
import { findImage, requireImage } from "../../compute/index.ts";
import { sagemakerArn } from "../../arns.ts";
import { emit } from "../../events.ts";
import { notBuilt, validation } from "../../faults.ts";
import { pageOf } from "../../page.ts";
import { dropTags, putTags } from "../../tags.ts";
import { requireContainer, resolveContainer } from "../containers.ts";
import { alreadyExists, imageNotFound, notFound } from "../faults.ts";
import { assertModelData } from "../model-data.ts";
import { assertPassable } from "../roles.ts";
import type { HostingContext, hostingTables, ModelRow } from "../state.ts";

export const models = {
  async CreateModel({ Tags: tags, ...input }, ctx) {
    const arn = sagemakerArn(ctx, "model", input.ModelName);
    assertBuilt(input);
    const container = requireContainer(input);
    if (input.ExecutionRoleArn !== undefined) await assertPassable(ctx, input.ExecutionRoleArn);
    if (ctx.tables.models.get(input.ModelName.toLowerCase())) throw alreadyExists("model", arn);
    const { image, modelDataUrl } = await resolveContainer(ctx, container);
    if (!findImage(image)) throw imageNotFound(image, whyNot(image));
    if (modelDataUrl !== undefined) {
      if (input.ExecutionRoleArn === undefined)
        throw validation("ExecutionRoleArn is required for a model with model data.");
      await assertModelData(ctx, modelDataUrl, input.ExecutionRoleArn);
    }
    const row: ModelRow = { name: input.ModelName, arn, createdAt: ctx.now().toISOString(), input };
    ctx.kernel.transaction(() => {
      if (ctx.tables.models.get(row.name.toLowerCase())) throw alreadyExists("model", arn);
      ctx.tables.models.put(row.name.toLowerCase(), row);
      putTags(ctx.tables, arn, tags);
    });
    await emitState(ctx, row);
    return { ModelArn: arn };
  },

  DescribeModel(input, ctx) {
    const row = requireModel(ctx, input.ModelName);
    return {
      ...row.input,
      ModelArn: row.arn,
      CreationTime: new Date(row.createdAt),
      EnableNetworkIsolation: row.input.EnableNetworkIsolation ?? false,
    };
  },

  ListModels(input, ctx) {
    const all = ctx.tables.models.list().map(({ row }) => row);
    const { rows, next } = pageOf(all, input, ({ name, createdAt: created }) => ({ name, created }));
    return {
      Models: rows.map((row) => ({ ModelName: row.name, ModelArn: row.arn, CreationTime: new Date(row.createdAt) })),
      ...next,
    };
  },

  /** AWS: endpoints that serve the model go on; they keep what they need. */
  async DeleteModel(input, ctx) {
    const row = requireModel(ctx, input.ModelName);
    ctx.kernel.transaction(() => {
      ctx.tables.models.delete(row.name.toLowerCase());
      dropTags(ctx.tables, row.arn);
    });
    return {};
  },
} satisfies Handlers<"sagemaker", typeof hostingTables>;

export function requireModel(ctx: HostingContext, name: string): ModelRow {
  const row = ctx.tables.models.get(name.toLowerCase());
  if (!row) throw notFound("model", sagemakerArn(ctx, "model", name));
  return row;
}

function assertBuilt(input: ModelRow["input"]): void {
  if (input.VpcConfig) throw notBuilt("models in a VPC");
  if (input.InferenceExecutionConfig) throw notBuilt("InferenceExecutionConfig");
}

function whyNot(image: string): string {
  try {
    requireImage(image);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

/** AWS: "Amazon SageMaker model state change" in the developer guide's page on EventBridge events. */
async function emitState(ctx: HostingContext, row: ModelRow): Promise<void> {
  const detail = {
    ModelName: row.name,
    ...(row.input.PrimaryContainer && { PrimaryContainer: row.input.PrimaryContainer }),
    ...(row.input.Containers && { Containers: row.input.Containers }),
    ...(row.input.ExecutionRoleArn !== undefined && { ExecutionRoleArn: row.input.ExecutionRoleArn }),
    CreationTime: new Date(row.createdAt).getTime(),
    ModelArn: row.arn,
    Tags: ctx.tables.tags.get(row.arn) ?? {},
  };
  await emit(ctx, "SageMaker Model State Change", detail, [row.arn]);
}
