import { type Handlers, type InputOf, tableKey } from "#kernel";
import { badRequest, deploymentNotFound, notImplemented } from "../faults.ts";
import { forgetStages } from "../invoke/compiled-stages.ts";
import { patch, type Patchable } from "../patch.ts";
import type { ApiTables, DeploymentRow } from "../state.ts";
import { pageOf } from "./pages.ts";
import { pathOf, treeOf } from "./resources.ts";
import { type ApiContext, requireApi } from "./rest-apis.ts";
import { assertStageName, assertVariables } from "./stage-rules.ts";

export const deployments = {
  CreateDeployment(input, ctx) {
    assertBuilt(input);
    const row = snapshot(input, ctx);
    ctx.kernel.transaction(() => {
      ctx.tables.deployments.put(tableKey(input.restApiId, row.id), row);
      if (input.stageName) moveStage(input, input.stageName, row, ctx);
    });
    forgetStages(ctx.kernel, input.restApiId);
    return toDeployment(row);
  },

  GetDeployment(input, ctx) {
    requireApi(ctx, input.restApiId);
    const row = requireDeployment(ctx, input.restApiId, input.deploymentId);
    return { ...toDeployment(row), ...(input.embed?.includes("apisummary") && { apiSummary: summaryOf(row) }) };
  },

  GetDeployments(input, ctx) {
    requireApi(ctx, input.restApiId);
    const all = ctx.tables.deployments.list({ prefix: tableKey(input.restApiId, "") }).map(({ row }) => row);
    const { items, position } = pageOf(all, input, ({ id }) => id);
    return { items: items.map(toDeployment), ...position };
  },

  UpdateDeployment(input, ctx) {
    requireApi(ctx, input.restApiId);
    const row = patch(requireDeployment(ctx, input.restApiId, input.deploymentId), input.patchOperations, patchable);
    ctx.tables.deployments.put(tableKey(input.restApiId, row.id), row);
    return toDeployment(row);
  },

  DeleteDeployment(input, ctx) {
    requireApi(ctx, input.restApiId);
    const { id } = requireDeployment(ctx, input.restApiId, input.deploymentId);
    const used = ctx.tables.stages
      .list({ prefix: tableKey(input.restApiId, "") })
      .some(({ row }) => row.deploymentId === id);
    if (used) throw badRequest("Active stages pointing to this deployment must be moved or deleted");
    ctx.tables.deployments.delete(tableKey(input.restApiId, id));
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

export function requireDeployment(ctx: ApiContext, api: string, id: string): DeploymentRow {
  const row = ctx.tables.deployments.get(tableKey(api, id));
  if (!row) throw deploymentNotFound();
  return row;
}

type Create = InputOf<"apigateway", "CreateDeployment">;

function assertBuilt(input: Create): void {
  if (input.cacheClusterEnabled) throw notImplemented("cache clusters of stages");
  if (input.canarySettings) throw notImplemented("canary deployments of REST APIs");
  if (input.tracingEnabled) throw notImplemented("X-Ray tracing of stages");
  if (input.stageName) assertStageName(input.stageName);
  assertVariables(input.variables);
}

function snapshot(input: Create, ctx: ApiContext): DeploymentRow {
  const api = requireApi(ctx, input.restApiId);
  const tree = treeOf(ctx, api.id);
  const resources = Array.from(tree.values(), (row) => ({ id: row.id, path: pathOf(row, tree), methods: row.methods }));
  const methods = resources.flatMap((resource) => Object.values(resource.methods));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some(({ integration }) => !integration)) throw badRequest("No integration defined for method");
  const prefix = tableKey(api.id, "");
  const customised = ctx.tables.gatewayResponses
    .list({ prefix })
    .map(({ key, row }) => [key.slice(prefix.length), row] as const);
  return {
    id: ctx.kernel.ids.token(6),
    created: ctx.now().getTime(),
    binaryMediaTypes: api.binaryMediaTypes,
    resources,
    gatewayResponses: Object.fromEntries(customised),
    ...(input.description !== undefined && { description: input.description }),
  };
}

/** AWS: a deployment that names a stage makes it, or moves it when it is there. API reference, CreateDeployment. */
function moveStage(input: Create, name: string, deployment: DeploymentRow, ctx: ApiContext): void {
  const key = tableKey(input.restApiId, name);
  const known = ctx.tables.stages.get(key);
  const now = ctx.now().getTime();
  ctx.tables.stages.put(key, {
    ...(known ?? { name, created: now, tags: {} }),
    deploymentId: deployment.id,
    updated: now,
    ...(input.stageDescription !== undefined && { description: input.stageDescription }),
    ...(input.variables && { variables: input.variables }),
  });
}

const patchable: Patchable<DeploymentRow> = {
  "/description": { replace: (row, description) => ({ ...row, description }) },
};

function summaryOf(row: DeploymentRow) {
  const used = row.resources.filter(({ methods }) => Object.keys(methods).length > 0);
  return Object.fromEntries(
    used.map(({ path, methods }) => [
      path,
      Object.fromEntries(
        Object.keys(methods).map((name) => [name, { authorizationType: "NONE", apiKeyRequired: false }]),
      ),
    ]),
  );
}

function toDeployment(row: DeploymentRow) {
  return { id: row.id, description: row.description, createdDate: new Date(row.created) };
}
