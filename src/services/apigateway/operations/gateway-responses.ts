import { type Handlers, type InputOf, tableKey } from "#kernel";
import { badRequest, notFound } from "../faults.ts";
import { DEFAULTS, type GatewayResponseType } from "../invoke/gateway-responses.ts";
import { ofMap, patch, type Patchable } from "../patch.ts";
import type { ApiTables, GatewayResponseRow } from "../state.ts";
import { toGatewayResponse } from "../views.ts";
import { type ApiContext, requireApi } from "./rest-apis.ts";
import { assertTemplates } from "./templates.ts";

export const gatewayResponses = {
  PutGatewayResponse(input, ctx) {
    requireApi(ctx, input.restApiId);
    const type = requireType(input.responseType);
    const row = toRow(input, type);
    assertParameters(row);
    ctx.tables.gatewayResponses.put(tableKey(input.restApiId, type), row);
    return toGatewayResponse(type, row, false);
  },

  GetGatewayResponse(input, ctx) {
    requireApi(ctx, input.restApiId);
    return read(ctx, input.restApiId, requireType(input.responseType));
  },

  GetGatewayResponses(input, ctx) {
    requireApi(ctx, input.restApiId);
    const types = Object.keys(DEFAULTS) as GatewayResponseType[];
    return { items: types.map((type) => read(ctx, input.restApiId, type)) };
  },

  UpdateGatewayResponse(input, ctx) {
    requireApi(ctx, input.restApiId);
    const type = requireType(input.responseType);
    const key = tableKey(input.restApiId, type);
    const row = patch(ctx.tables.gatewayResponses.get(key) ?? defaultRow(type), input.patchOperations, patchable);
    assertParameters(row);
    ctx.tables.gatewayResponses.put(key, row);
    return toGatewayResponse(type, row, false);
  },

  DeleteGatewayResponse(input, ctx) {
    requireApi(ctx, input.restApiId);
    const type = requireType(input.responseType);
    if (!ctx.tables.gatewayResponses.delete(tableKey(input.restApiId, type)))
      throw notFound("Gateway response type not defined on api");
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

const TEMPLATES = { "application/json": '{"message":$context.error.messageString}' };

function requireType(text: string): GatewayResponseType {
  if (!Object.hasOwn(DEFAULTS, text)) throw badRequest(`Invalid gateway response type: ${text}`);
  return text as GatewayResponseType;
}

function defaultRow(type: GatewayResponseType): GatewayResponseRow {
  const { status } = DEFAULTS[type];
  return { responseTemplates: TEMPLATES, ...(status !== undefined && { statusCode: String(status) }) };
}

function read(ctx: ApiContext, api: string, type: GatewayResponseType) {
  const row = ctx.tables.gatewayResponses.get(tableKey(api, type));
  return toGatewayResponse(type, row ?? defaultRow(type), row === undefined);
}

function toRow(input: InputOf<"apigateway", "PutGatewayResponse">, type: GatewayResponseType): GatewayResponseRow {
  const { status } = DEFAULTS[type];
  const statusCode = input.statusCode ?? (status === undefined ? undefined : String(status));
  return {
    responseTemplates: input.responseTemplates ?? TEMPLATES,
    ...(statusCode !== undefined && { statusCode }),
    ...(input.responseParameters && { responseParameters: input.responseParameters }),
  };
}

const TARGET = /^gatewayresponse\.header\.[a-zA-Z0-9._$-]+$/;
const SOURCE =
  /^(?:'[^']*'|method\.request\.(?:path|querystring|multivaluequerystring|header|multivalueheader)\.[a-zA-Z0-9._$-]+|context\.\S+|stageVariables\.\w+)$/;

function assertParameters(row: GatewayResponseRow): void {
  assertTemplates(row.responseTemplates);
  for (const [name, source] of Object.entries(row.responseParameters ?? {})) {
    if (!TARGET.test(name)) throw badRequest(`Invalid parameter name ${name} in gateway response mapping`);
    if (!SOURCE.test(source)) throw badRequest(`Invalid expression ${source} in gateway response mapping`);
  }
}

const patchable: Patchable<GatewayResponseRow> = {
  "/statusCode": { replace: (row, statusCode) => ({ ...row, statusCode }) },
  "/responseParameters/*": ofMap(
    (row) => row.responseParameters,
    (row, responseParameters) => ({ ...row, responseParameters }),
  ),
  "/responseTemplates/*": ofMap(
    (row) => row.responseTemplates,
    (row, responseTemplates) => ({ ...row, responseTemplates }),
  ),
};
