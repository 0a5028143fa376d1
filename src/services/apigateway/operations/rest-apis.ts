import type { Context, Handlers, InputOf } from "#kernel";
import { tableKey } from "#kernel";
import { apiNotFound, badRequest, notImplemented } from "../faults.ts";
import { forgetStages } from "../invoke/compiled-stages.ts";
import { patch, type Patchable, without } from "../patch.ts";
import type { ApiRow, ApiTables } from "../state.ts";
import { pageOf } from "./pages.ts";

export type ApiContext = Context<ApiTables>;

export const restApis = {
  CreateRestApi(input, ctx) {
    assertBuilt(input);
    const row = toRow(input, ctx);
    ctx.kernel.transaction(() => {
      ctx.tables.apis.put(row.id, row);
      ctx.tables.homes.put(row.id, { region: ctx.region });
      ctx.tables.resources.put(tableKey(row.id, row.rootResourceId), { id: row.rootResourceId, methods: {} });
    });
    return toApi(row);
  },

  GetRestApi(input, ctx) {
    return toApi(requireApi(ctx, input.restApiId));
  },

  GetRestApis(input, ctx) {
    const { items, position } = pageOf(
      ctx.tables.apis.list().map(({ row }) => row),
      input,
      ({ id }) => id,
    );
    return { items: items.map(toApi), ...position };
  },

  UpdateRestApi(input, ctx) {
    const row = patch(requireApi(ctx, input.restApiId), input.patchOperations, patchable);
    ctx.tables.apis.put(row.id, row);
    forgetStages(ctx.kernel, row.id);
    return toApi(row);
  },

  DeleteRestApi(input, ctx) {
    const { id } = requireApi(ctx, input.restApiId);
    const { tables } = ctx;
    ctx.kernel.transaction(() => {
      for (const table of [tables.resources, tables.deployments, tables.stages, tables.gatewayResponses]) {
        for (const { key } of table.list({ prefix: tableKey(id, "") })) table.delete(key);
      }
      tables.apis.delete(id);
      tables.homes.delete(id);
    });
    forgetStages(ctx.kernel, id);
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

export function requireApi(ctx: ApiContext, id: string): ApiRow {
  const row = ctx.tables.apis.get(id);
  if (!row) throw apiNotFound(ctx.account, id);
  return row;
}

type Create = InputOf<"apigateway", "CreateRestApi">;

function assertBuilt(input: Create): void {
  if (input.description === "") throw badRequest("Description cannot be an empty string");
  if (input.cloneFrom !== undefined) throw notImplemented("cloneFrom of CreateRestApi");
  if (input.minimumCompressionSize !== undefined)
    throw notImplemented("minimumCompressionSize of a REST API (compression)");
  if (input.policy !== undefined) throw notImplemented("resource policies of REST APIs");
  if (input.apiKeySource !== undefined && input.apiKeySource !== "HEADER")
    throw notImplemented(`apiKeySource ${input.apiKeySource} of a REST API`);
  const { types, vpcEndpointIds } = input.endpointConfiguration ?? {};
  if (types?.includes("PRIVATE") || vpcEndpointIds?.length) throw notImplemented("private REST APIs");
}

function toRow(input: Create, ctx: ApiContext): ApiRow {
  return {
    id: ctx.kernel.ids.token(10),
    name: input.name,
    rootResourceId: ctx.kernel.ids.token(10),
    created: ctx.now().getTime(),
    binaryMediaTypes: input.binaryMediaTypes ?? [],
    endpointTypes: input.endpointConfiguration?.types ?? ["EDGE"],
    ipAddressType: input.endpointConfiguration?.ipAddressType ?? "ipv4",
    disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
    tags: input.tags ?? {},
    ...(input.description !== undefined && { description: input.description }),
    ...(input.version !== undefined && { version: input.version }),
  };
}

const patchable: Patchable<ApiRow> = {
  "/name": { replace: (row, name) => ({ ...row, name }) },
  "/description": {
    replace: (row, description) => ({ ...row, description }),
    remove: (row) => without(row, "description"),
  },
  "/version": { replace: (row, version) => ({ ...row, version }) },
  "/disableExecuteApiEndpoint": { replace: (row, value) => ({ ...row, disableExecuteApiEndpoint: value === "true" }) },
  "/binaryMediaTypes/*": {
    add: (row, _value, key) => ({ ...row, binaryMediaTypes: [...new Set([...row.binaryMediaTypes, key])] }),
    replace: (row, value, key) => ({
      ...row,
      binaryMediaTypes: row.binaryMediaTypes.map((type) => (type === key ? value : type)),
    }),
    remove: (row, _value, key) => ({ ...row, binaryMediaTypes: row.binaryMediaTypes.filter((type) => type !== key) }),
  },
  "/endpointConfiguration/types/*": {
    replace(row, value) {
      if (value !== "EDGE" && value !== "REGIONAL") throw notImplemented(`endpoint type ${value} of REST APIs`);
      return { ...row, endpointTypes: [value] };
    },
  },
};

function toApi(row: ApiRow) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    version: row.version,
    createdDate: new Date(row.created),
    apiKeySource: "HEADER" as const,
    binaryMediaTypes: row.binaryMediaTypes.length > 0 ? [...row.binaryMediaTypes] : undefined,
    endpointConfiguration: { types: [...row.endpointTypes], ipAddressType: row.ipAddressType },
    disableExecuteApiEndpoint: row.disableExecuteApiEndpoint,
    rootResourceId: row.rootResourceId,
    tags: Object.keys(row.tags).length > 0 ? { ...row.tags } : undefined,
  };
}
