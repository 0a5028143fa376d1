import { isRecord, parseJson } from "#core";
import type { WireResponse } from "#protocol";
import type { Call } from "./call.ts";
import type { Integration, IntegrationResponse, Route } from "./compiled-stages.ts";
import { misconfigured, unsupportedMediaType } from "./gateway-responses.ts";
import { invokeFunction } from "./lambda.ts";
import { chooseTemplate, type Template } from "./template.ts";

/** MOCK: the request template's `statusCode` chooses the response. */
export function callMock(call: Call, { integration }: Route): WireResponse {
  const text = toRequestBody(call, integration);
  const status = STATUS.exec(text)?.[1];
  if (status === undefined) throw misconfigured();
  return toResponse(call, choose(integration, status), { text: "", headers: {} });
}

// AWS: the template may be lenient JSON, `{statusCode: 200}`.
const STATUS = /["']?statusCode["']?\s*:\s*["']?(\d{3})/;

/** AWS with a Lambda function: templates on the way in and out, errors by the pattern that their message fits. */
export async function callFunction(call: Call, { integration }: Route): Promise<WireResponse> {
  const scope = call.scope();
  const mapped = integration.requestHeaders.find(({ name }) => name.toLowerCase() === "x-amz-invocation-type");
  const type = mapped?.read({ call, scope }) === "Event" ? "Event" : "RequestResponse";
  const { payload, error } = await invokeFunction(call, integration, toRequestBody(call, integration), type);
  const message = error ? errorMessageOf(payload) : undefined;
  return toResponse(call, choose(integration, message), { text: payload, headers: {} });
}

/** AWS: passthrough rules. Developer guide, "Integration passthrough behaviors". */
function toRequestBody(call: Call, integration: Integration): string {
  const contentType = call.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "application/json";
  const template = integration.templates.get(contentType) ?? integration.templates.get("$default");
  if (template) return template(call.scope());
  if (integration.passthrough === "NEVER") throw unsupportedMediaType();
  if (integration.passthrough === "WHEN_NO_TEMPLATES" && integration.templates.size > 0) throw unsupportedMediaType();
  // AWS: without a body a function gets an empty object.
  return call.text === "" ? "{}" : call.text;
}

function errorMessageOf(payload: string): string {
  const error = parseJson(payload);
  return isRecord(error) && typeof error["errorMessage"] === "string" ? error["errorMessage"] : "";
}

/** The first response whose pattern fits the whole text, else the one without a pattern. */
function choose(integration: Integration, text: string | undefined): IntegrationResponse {
  const byPattern = text === undefined ? undefined : integration.responses.find(({ pattern }) => pattern?.test(text));
  const chosen = byPattern ?? integration.responses.find(({ pattern }) => !pattern);
  if (!chosen) throw misconfigured();
  return chosen;
}

interface Answered {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

function toResponse(call: Call, response: IntegrationResponse, answered: Answered): WireResponse {
  const scope = call.scope({}, answered.text);
  const chosen = chooseTemplate(response.templates, call.header("accept"));
  const body = chosen ? render(chosen.render, scope, answered.text) : answered.text;
  const headers: Record<string, string> = { "content-type": chosen?.type ?? "application/json" };
  for (const { name, read } of response.headers) {
    const value = read({ call, scope, response: { headers: answered.headers, body: answered.text } });
    if (value !== undefined) headers[name] = value;
  }
  return {
    status: overridden(scope.context["responseOverride"], headers) ?? response.status,
    headers,
    body: body === "" ? undefined : body,
  };
}

/** AWS: an empty template passes the answer through. */
function render(template: Template, scope: Parameters<Template>[0], text: string): string {
  const rendered = template(scope);
  return rendered === "" ? text : rendered;
}

/** `#set($context.responseOverride.status = 404)`, and headers likewise. */
function overridden(override: unknown, headers: Record<string, string>): number | undefined {
  if (!isRecord(override)) return undefined;
  if (isRecord(override["header"])) {
    for (const [name, value] of Object.entries(override["header"])) headers[name.toLowerCase()] = String(value);
  }
  const status = Number(override["status"]);
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}
