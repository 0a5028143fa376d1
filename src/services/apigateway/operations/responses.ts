import type { Handlers, InputOf } from "#kernel";
import { badRequest, conflict, mappingInvalid, notImplemented, responseNotFound } from "../faults.ts";
import { ofMap, patch, type Patchable } from "../patch.ts";
import { toSelectionPattern } from "../selection-pattern.ts";
import type { ApiTables, IntegrationResponseRow, MethodResponseRow, MethodRow } from "../state.ts";
import { toIntegrationResponse, toMethodResponse } from "../views.ts";
import { requireIntegration } from "./integrations.ts";
import { assertModel, putMethod, requireMethod } from "./methods.ts";
import { requireResource } from "./resources.ts";
import type { ApiContext } from "./rest-apis.ts";
import { assertTemplates } from "./templates.ts";

interface At {
  readonly restApiId: string;
  readonly resourceId: string;
  readonly httpMethod: string;
}

export const responses = {
  PutMethodResponse(input, ctx) {
    const { method, save } = open(input, ctx);
    if (Object.hasOwn(method.responses, input.statusCode)) throw conflict("Response already exists for this resource");
    for (const name of Object.keys(input.responseParameters ?? {})) assertResponseParameter(name);
    for (const model of Object.values(input.responseModels ?? {})) assertModel(model);
    const row: MethodResponseRow = {
      ...(input.responseParameters && { responseParameters: input.responseParameters }),
      ...(input.responseModels && { responseModels: input.responseModels }),
    };
    save({ ...method, responses: { ...method.responses, [input.statusCode]: row } });
    return toMethodResponse(input.statusCode, row);
  },

  GetMethodResponse(input, ctx) {
    return toMethodResponse(input.statusCode, requireResponse(open(input, ctx).method.responses, input.statusCode));
  },

  DeleteMethodResponse(input, ctx) {
    const { method, save } = open(input, ctx);
    save({ ...method, responses: without(method.responses, input.statusCode) });
    return {};
  },

  PutIntegrationResponse(input, ctx) {
    const { method, save } = open(input, ctx);
    const integration = requireIntegration(method);
    const row = toRow(input);
    assertMapped(input.statusCode, row, method);
    save({
      ...method,
      integration: { ...integration, responses: { ...integration.responses, [input.statusCode]: row } },
    });
    return toIntegrationResponse(input.statusCode, row);
  },

  GetIntegrationResponse(input, ctx) {
    const { responses: known } = requireIntegration(open(input, ctx).method);
    return toIntegrationResponse(input.statusCode, requireResponse(known, input.statusCode));
  },

  UpdateIntegrationResponse(input, ctx) {
    const { method, save } = open(input, ctx);
    const integration = requireIntegration(method);
    const row = patch(requireResponse(integration.responses, input.statusCode), input.patchOperations, patchable);
    assertMapped(input.statusCode, row, method);
    save({
      ...method,
      integration: { ...integration, responses: { ...integration.responses, [input.statusCode]: row } },
    });
    return toIntegrationResponse(input.statusCode, row);
  },

  DeleteIntegrationResponse(input, ctx) {
    const { method, save } = open(input, ctx);
    const integration = requireIntegration(method);
    save({ ...method, integration: { ...integration, responses: without(integration.responses, input.statusCode) } });
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

function open(at: At, ctx: ApiContext): { method: MethodRow; save: (row: MethodRow) => void } {
  const resource = requireResource(ctx, at.restApiId, at.resourceId);
  const method = requireMethod(resource, at.httpMethod);
  return { method, save: (row) => putMethod(ctx, at.restApiId, resource, row) };
}

function requireResponse<Row>(all: Readonly<Record<string, Row>>, statusCode: string): Row {
  const row = Object.hasOwn(all, statusCode) ? all[statusCode] : undefined;
  if (!row) throw responseNotFound();
  return row;
}

function without<Row>(all: Readonly<Record<string, Row>>, statusCode: string): Record<string, Row> {
  requireResponse(all, statusCode);
  return Object.fromEntries(Object.entries(all).filter(([code]) => code !== statusCode));
}

function toRow(input: InputOf<"apigateway", "PutIntegrationResponse">): IntegrationResponseRow {
  if (input.contentHandling !== undefined) throw notImplemented("contentHandling of integration responses");
  return {
    ...(input.selectionPattern !== undefined && { selectionPattern: input.selectionPattern }),
    ...(input.responseParameters && { responseParameters: input.responseParameters }),
    ...(input.responseTemplates && { responseTemplates: input.responseTemplates }),
  };
}

function assertResponseParameter(name: string): void {
  if (!/^method\.response\.header\.[a-zA-Z0-9._$-]+$/.test(name))
    throw mappingInvalid(`Invalid mapping expression parameter specified: ${name}`);
}

const SOURCE =
  /^(?:'[^']*'|integration\.response\.(?:header|multivalueheader)\.[^\s]+|integration\.response\.body(?:[.[].*)?|context\.[^\s]+|stageVariables\.[^\s]+)$/;

function assertMapped(statusCode: string, row: IntegrationResponseRow, method: MethodRow): void {
  const declared = requireResponse(method.responses, statusCode).responseParameters ?? {};
  for (const [name, source] of Object.entries(row.responseParameters ?? {})) {
    if (!Object.hasOwn(declared, name)) throw mappingInvalid(`Invalid mapping expression parameter specified: ${name}`);
    if (!SOURCE.test(source)) throw mappingInvalid(`Invalid mapping expression specified: ${source}`);
  }
  assertTemplates(row.responseTemplates);
  try {
    toSelectionPattern(row.selectionPattern ?? "");
  } catch {
    throw badRequest("Invalid selection pattern specified");
  }
}

const patchable: Patchable<IntegrationResponseRow> = {
  "/selectionPattern": { replace: (row, selectionPattern) => ({ ...row, selectionPattern }) },
  "/responseParameters/*": ofMap(
    (row) => row.responseParameters,
    (row, responseParameters) => ({ ...row, responseParameters }),
  ),
  "/responseTemplates/*": ofMap(
    (row) => row.responseTemplates,
    (row, responseTemplates) => ({ ...row, responseTemplates }),
  ),
};
