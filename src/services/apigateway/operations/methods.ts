import type { Handlers, InputOf } from "#kernel";
import { badRequest, conflict, methodNotFound, notImplemented } from "../faults.ts";
import { type Change, ofMap, patch, type Patchable } from "../patch.ts";
import type { ApiTables, MethodRow, ResourceRow } from "../state.ts";
import { toMethod } from "../views.ts";
import { putResource, requireResource } from "./resources.ts";
import type { ApiContext } from "./rest-apis.ts";

export const methods = {
  PutMethod(input, ctx) {
    const resource = requireResource(ctx, input.restApiId, input.resourceId);
    if (!METHODS.includes(input.httpMethod))
      throw badRequest(`Invalid HttpMethod specified. Valid options are ${METHODS.join(",")}`);
    if (Object.hasOwn(resource.methods, input.httpMethod)) throw conflict("Method already exists for this resource");
    assertOpen(input);
    assertParameters(Object.keys(input.requestParameters ?? {}));
    for (const model of Object.values(input.requestModels ?? {})) assertModel(model);
    const row: MethodRow = {
      httpMethod: input.httpMethod,
      responses: {},
      ...(input.operationName !== undefined && { operationName: input.operationName }),
      ...(input.requestParameters && { requestParameters: input.requestParameters }),
      ...(input.requestModels && { requestModels: input.requestModels }),
    };
    putMethod(ctx, input.restApiId, resource, row);
    return toMethod(row);
  },

  GetMethod(input, ctx) {
    return toMethod(requireMethod(requireResource(ctx, input.restApiId, input.resourceId), input.httpMethod));
  },

  UpdateMethod(input, ctx) {
    const resource = requireResource(ctx, input.restApiId, input.resourceId);
    const row = patch(requireMethod(resource, input.httpMethod), input.patchOperations, patchable);
    assertParameters(Object.keys(row.requestParameters ?? {}));
    putMethod(ctx, input.restApiId, resource, row);
    return toMethod(row);
  },

  DeleteMethod(input, ctx) {
    const resource = requireResource(ctx, input.restApiId, input.resourceId);
    const { httpMethod } = requireMethod(resource, input.httpMethod);
    const rest = Object.entries(resource.methods).filter(([name]) => name !== httpMethod);
    putResource(ctx, input.restApiId, { ...resource, methods: Object.fromEntries(rest) });
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

export function requireMethod(resource: ResourceRow, name: string): MethodRow {
  const method = Object.hasOwn(resource.methods, name) ? resource.methods[name] : undefined;
  if (!method) throw methodNotFound();
  return method;
}

export function putMethod(ctx: ApiContext, api: string, resource: ResourceRow, row: MethodRow): void {
  putResource(ctx, api, { ...resource, methods: { ...resource.methods, [row.httpMethod]: row } });
}

export function assertModel(name: string): void {
  // AWS: every API is born with these two models.
  if (name !== "Empty" && name !== "Error") throw badRequest(`Invalid model identifier specified: ${name}`);
}

function assertOpen(input: InputOf<"apigateway", "PutMethod">): void {
  const { authorizationType: type } = input;
  if (type !== "NONE") throw notImplemented(`methods with the authorization type ${type}; only NONE`);
  if (input.apiKeyRequired) throw notImplemented("methods that ask for an API key");
  if (input.requestValidatorId !== undefined) throw notImplemented("request validators");
}

const PARAMETER =
  /^method\.request\.(?:path|querystring|multivaluequerystring|header|multivalueheader)\.([a-zA-Z0-9._$-]+)$/;

function assertParameters(parameters: readonly string[]): void {
  const names = parameters.map((parameter) => {
    const name = PARAMETER.exec(parameter)?.[1];
    if (name === undefined) throw badRequest(`Invalid mapping expression specified: ${parameter}`);
    return name;
  });
  if (new Set(names).size < names.length)
    throw badRequest("Parameter names must be unique across querystring, header and path");
}

const setParameter: Change<MethodRow> = (row, value, key) => ({
  ...row,
  requestParameters: { ...row.requestParameters, [key]: value === "true" },
});

const patchable: Patchable<MethodRow> = {
  "/operationName": { replace: (row, operationName) => ({ ...row, operationName }) },
  "/authorizationType": {
    replace(row, type) {
      if (type !== "NONE") throw notImplemented(`methods with the authorization type ${type}; only NONE`);
      return row;
    },
  },
  "/apiKeyRequired": {
    replace(row, value) {
      if (value === "true") throw notImplemented("methods that ask for an API key");
      return row;
    },
  },
  "/requestParameters/*": {
    add: setParameter,
    replace: setParameter,
    remove: (row, _value, key) => ({
      ...row,
      requestParameters: Object.fromEntries(
        Object.entries(row.requestParameters ?? {}).filter(([name]) => name !== key),
      ),
    }),
  },
  "/requestModels/*": ofMap(
    (row) => row.requestModels,
    (row, requestModels) => {
      for (const model of Object.values(requestModels)) assertModel(model);
      return { ...row, requestModels };
    },
  ),
};
