import { type Handlers, type InputOf, tableKey } from "#kernel";
import { conflict, notImplemented, stageNotFound } from "../faults.ts";
import { forgetStages } from "../invoke/compiled-stages.ts";
import { ofMap, patch, type Patchable } from "../patch.ts";
import type { ApiTables, StageRow } from "../state.ts";
import { requireDeployment } from "./deployments.ts";
import { assertStageName, assertVariables } from "./stage-rules.ts";
import { type ApiContext, requireApi } from "./rest-apis.ts";

export const stages = {
  CreateStage(input, ctx) {
    requireApi(ctx, input.restApiId);
    assertBuilt(input);
    requireDeployment(ctx, input.restApiId, input.deploymentId);
    const key = tableKey(input.restApiId, input.stageName);
    if (ctx.tables.stages.get(key)) throw conflict("Stage already exists");
    const now = ctx.now().getTime();
    const row: StageRow = {
      name: input.stageName,
      deploymentId: input.deploymentId,
      created: now,
      updated: now,
      tags: input.tags ?? {},
      ...(input.description !== undefined && { description: input.description }),
      ...(input.variables && { variables: input.variables }),
    };
    ctx.tables.stages.put(key, row);
    forgetStages(ctx.kernel, input.restApiId);
    return toStage(row);
  },

  GetStage(input, ctx) {
    requireApi(ctx, input.restApiId);
    return toStage(requireStage(ctx, input.restApiId, input.stageName));
  },

  GetStages(input, ctx) {
    requireApi(ctx, input.restApiId);
    const all = ctx.tables.stages.list({ prefix: tableKey(input.restApiId, "") }).map(({ row }) => row);
    const wanted =
      input.deploymentId === undefined ? all : all.filter((row) => row.deploymentId === input.deploymentId);
    return { item: wanted.map(toStage) };
  },

  UpdateStage(input, ctx) {
    requireApi(ctx, input.restApiId);
    const row = patch(requireStage(ctx, input.restApiId, input.stageName), input.patchOperations, patchable);
    requireDeployment(ctx, input.restApiId, row.deploymentId);
    assertVariables(row.variables);
    const changed = { ...row, updated: ctx.now().getTime() };
    ctx.tables.stages.put(tableKey(input.restApiId, row.name), changed);
    forgetStages(ctx.kernel, input.restApiId);
    return toStage(changed);
  },

  DeleteStage(input, ctx) {
    requireApi(ctx, input.restApiId);
    const { name } = requireStage(ctx, input.restApiId, input.stageName);
    ctx.tables.stages.delete(tableKey(input.restApiId, name));
    forgetStages(ctx.kernel, input.restApiId);
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

export function requireStage(ctx: ApiContext, api: string, name: string): StageRow {
  const row = ctx.tables.stages.get(tableKey(api, name));
  if (!row) throw stageNotFound();
  return row;
}

function assertBuilt(input: InputOf<"apigateway", "CreateStage">): void {
  assertStageName(input.stageName);
  assertVariables(input.variables);
  if (input.cacheClusterEnabled) throw notImplemented("cache clusters of stages");
  if (input.canarySettings) throw notImplemented("canary deployments of REST APIs");
  if (input.tracingEnabled) throw notImplemented("X-Ray tracing of stages");
  if (input.documentationVersion !== undefined) throw notImplemented("documentation of REST APIs");
}

const patchable: Patchable<StageRow> = {
  "/deploymentId": { replace: (row, deploymentId) => ({ ...row, deploymentId }) },
  "/description": { replace: (row, description) => ({ ...row, description }) },
  "/variables/*": ofMap(
    (row) => row.variables,
    (row, variables) => ({ ...row, variables }),
  ),
};

function toStage(row: StageRow) {
  return {
    stageName: row.name,
    deploymentId: row.deploymentId,
    description: row.description,
    variables: row.variables && { ...row.variables },
    cacheClusterEnabled: false,
    cacheClusterStatus: "NOT_AVAILABLE" as const,
    methodSettings: {},
    tracingEnabled: false,
    tags: Object.keys(row.tags).length > 0 ? { ...row.tags } : undefined,
    createdDate: new Date(row.created),
    lastUpdatedDate: new Date(row.updated),
  };
}
