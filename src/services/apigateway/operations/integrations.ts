import { parseArn } from "#core";
import type { Context, Handlers, InputOf } from "#kernel";
import { badRequest, integrationNotFound, notImplemented } from "../faults.ts";
import { findFunction } from "../function-uri.ts";
import { ofMap, patch, type Patchable, without } from "../patch.ts";
import type { ApiTables, IntegrationRow, MethodRow } from "../state.ts";
import { toIntegration } from "../views.ts";
import { putMethod, requireMethod } from "./methods.ts";
import { requireResource } from "./resources.ts";
import { assertTemplates } from "./templates.ts";

export const integrations = {
  async PutIntegration(input, ctx) {
    const resource = requireResource(ctx, input.restApiId, input.resourceId);
    const method = requireMethod(resource, input.httpMethod);
    const row = toRow(input);
    if (row.credentials !== undefined) await authorizePass(ctx, row.credentials);
    putMethod(ctx, input.restApiId, resource, { ...method, integration: row });
    return toIntegration(row);
  },

  GetIntegration(input, ctx) {
    const method = requireMethod(requireResource(ctx, input.restApiId, input.resourceId), input.httpMethod);
    return toIntegration(requireIntegration(method));
  },

  async UpdateIntegration(input, ctx) {
    const resource = requireResource(ctx, input.restApiId, input.resourceId);
    const method = requireMethod(resource, input.httpMethod);
    const row = patch(requireIntegration(method), input.patchOperations, patchable);
    if (row.uri !== undefined) assertFunction(row.uri);
    assertTemplates(row.requestTemplates);
    if (row.credentials !== undefined) await authorizePass(ctx, row.credentials);
    putMethod(ctx, input.restApiId, resource, { ...method, integration: row });
    return toIntegration(row);
  },

  DeleteIntegration(input, ctx) {
    const resource = requireResource(ctx, input.restApiId, input.resourceId);
    const method = requireMethod(resource, input.httpMethod);
    requireIntegration(method);
    putMethod(ctx, input.restApiId, resource, without(method, "integration"));
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

export function requireIntegration(method: MethodRow): IntegrationRow {
  if (!method.integration) throw integrationNotFound();
  return method.integration;
}

type Put = InputOf<"apigateway", "PutIntegration">;
type KnownType = IntegrationRow["type"];

const PASSTHROUGH = ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"] as const;
const isPassthrough = (text: string): text is IntegrationRow["passthroughBehavior"] =>
  (PASSTHROUGH as readonly string[]).includes(text);

function toRow(input: Put): IntegrationRow {
  const type = requireKnownType(input);
  const passthroughBehavior = input.passthroughBehavior ?? "WHEN_NO_MATCH";
  if (!isPassthrough(passthroughBehavior)) throw badRequest("Invalid passthrough behavior specified");
  const timeoutInMillis = input.timeoutInMillis ?? 29_000;
  assertTimeout(timeoutInMillis);
  assertTemplates(input.requestTemplates);
  return {
    type,
    passthroughBehavior,
    timeoutInMillis,
    cacheNamespace: input.cacheNamespace ?? input.resourceId,
    responses: {},
    ...(input.integrationHttpMethod !== undefined && { httpMethod: input.integrationHttpMethod }),
    ...(input.uri !== undefined && type !== "MOCK" && { uri: input.uri }),
    ...(input.credentials !== undefined && { credentials: input.credentials }),
    ...(input.requestParameters && { requestParameters: input.requestParameters }),
    ...(input.requestTemplates && { requestTemplates: input.requestTemplates }),
  };
}

function requireKnownType(input: Put): KnownType {
  const { type } = input;
  if (type === "HTTP" || type === "HTTP_PROXY") throw notImplemented(`integrations of the type ${type}`);
  if (input.connectionType === "VPC_LINK") throw notImplemented("VPC links");
  if (input.contentHandling !== undefined) throw notImplemented("contentHandling of integrations");
  if (input.responseTransferMode === "STREAM") throw notImplemented("response streaming of integrations");
  if (input.cacheKeyParameters?.length) throw notImplemented("caching of REST APIs");
  if (type === "MOCK") return type;
  if (!input.integrationHttpMethod) throw badRequest("Enumeration value for HttpMethod must be non-empty");
  assertFunction(input.uri ?? "");
  return type;
}

function assertFunction(uri: string): void {
  const arn = parseArn(uri);
  if (arn?.service !== "apigateway") throw badRequest("Invalid ARN specified in the request");
  if (!/^(?:path|action)\//.test(arn.resource)) throw badRequest("AWS ARN for integration must contain path or action");
  if (arn.account !== "lambda") throw notImplemented(`integrations with the AWS service ${arn.account}; only lambda`);
  if (findFunction(uri) === undefined) throw badRequest("Invalid function path in the URI of the integration");
}

function assertTimeout(milliseconds: number): void {
  if (!(milliseconds >= 50 && milliseconds <= 29_000)) throw badRequest("Timeout should be between 50 ms and 29000 ms");
}

async function authorizePass(ctx: Context<ApiTables>, role: string): Promise<void> {
  if (!/^arn:[^:]+:iam::\d{12}:role\//.test(role))
    throw notImplemented(`the credentials ${role} of an integration; only the ARN of a role`);
  await ctx.authorize({
    action: "iam:PassRole",
    resource: role,
    conditions: { "iam:PassedToService": "apigateway.amazonaws.com" },
  });
}

const patchable: Patchable<IntegrationRow> = {
  "/uri": { replace: (row, uri) => ({ ...row, uri }) },
  "/httpMethod": { replace: (row, httpMethod) => ({ ...row, httpMethod }) },
  "/credentials": {
    replace: (row, credentials) => ({ ...row, credentials }),
    remove: (row) => without(row, "credentials"),
  },
  "/passthroughBehavior": {
    replace(row, value) {
      if (!isPassthrough(value)) throw badRequest("Invalid passthrough behavior specified");
      return { ...row, passthroughBehavior: value };
    },
  },
  "/timeoutInMillis": {
    replace(row, value) {
      assertTimeout(Number(value));
      return { ...row, timeoutInMillis: Number(value) };
    },
  },
  "/requestTemplates/*": ofMap(
    (row) => row.requestTemplates,
    (row, requestTemplates) => ({ ...row, requestTemplates }),
  ),
  "/requestParameters/*": ofMap(
    (row) => row.requestParameters,
    (row, requestParameters) => ({ ...row, requestParameters }),
  ),
};
