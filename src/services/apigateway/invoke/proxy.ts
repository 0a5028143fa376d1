import { isRecord } from "#core";
import type { WireResponse } from "#protocol";
import type { Call, Values } from "./call.ts";
import type { Route } from "./compiled-stages.ts";
import { badGateway } from "./gateway-responses.ts";
import { invokeFunction } from "./lambda.ts";
import type { Mapping } from "./mappings.ts";

/** AWS_PROXY: the whole request goes to the function as an event, and its answer is the response. */
export async function callProxy(call: Call, route: Route): Promise<WireResponse> {
  const { payload, error } = await invokeFunction(
    call,
    route.integration,
    JSON.stringify(toEvent(call, route)),
    "RequestResponse",
  );
  if (error) throw badGateway();
  return toResponse(payload, call);
}

/** AWS: payload format 1.0, members in the order of AWS's events. Recorded 2024-07-10. */
function toEvent(call: Call, route: Route): Record<string, unknown> {
  const { body, request, stage } = call;
  const headers = mapped(call.headers, route.integration.requestHeaders, call);
  const query = mapped(call.query, route.integration.requestQuery, call);
  const binary = body.length > 0 && stage.isBinary(request.headers["content-type"]);
  return {
    resource: route.resourcePath,
    path: call.path,
    httpMethod: request.method,
    headers: headers?.single ?? null,
    multiValueHeaders: headers?.multi ?? null,
    queryStringParameters: query?.single ?? null,
    multiValueQueryStringParameters: query?.multi ?? null,
    pathParameters: call.pathParameters ?? null,
    stageVariables: stage.variables ?? null,
    requestContext: call.context(),
    body: body.length === 0 ? null : body.toString(binary ? "base64" : "utf8"),
    isBase64Encoded: binary,
  };
}

function mapped(values: Values | undefined, mappings: readonly Mapping[], call: Call): Values | undefined {
  if (mappings.length === 0) return values;
  const added = mappings.flatMap(({ name, read }) => {
    const value = read({ call, scope: call.scope() });
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    single: { ...values?.single, ...Object.fromEntries(added) },
    multi: { ...values?.multi, ...Object.fromEntries(added.map(([name, value]) => [name, [value]])) },
  };
}

const MEMBERS = new Set(["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"]);

/** AWS: an answer with other members, without a status or with a body that is no text is malformed. */
function toResponse(payload: string, call: Call): WireResponse {
  const answer = parse(payload);
  const status = statusOf(answer);
  const body = answer["body"] ?? undefined;
  if (body !== undefined && typeof body !== "string") throw badGateway();
  if (!Object.keys(answer).every((member) => MEMBERS.has(member))) throw badGateway();
  const { headers, cookies } = toHeaders(answer);
  const bytes = answer["isBase64Encoded"] === true && call.stage.isBinary(call.header("accept") ?? "*/*");
  headers["content-type"] ??= "application/json";
  headers["x-amzn-trace-id"] ??= call.traceId;
  return {
    status,
    headers,
    ...(cookies.length > 0 && { cookies }),
    body: bytes && body !== undefined ? Buffer.from(body, "base64") : body,
  };
}

function statusOf(answer: Readonly<Record<string, unknown>>): number {
  const status = Number(answer["statusCode"] ?? 200);
  if (!Number.isInteger(status) || status < 200 || status > 999) throw badGateway();
  return status;
}

function parse(payload: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    throw badGateway();
  }
  if (!isRecord(answer)) throw badGateway();
  return answer;
}

/** AWS: what API Gateway writes itself is renamed when a function writes it too. Developer guide, "Important notes". */
const REMAPPED = new Set(["authorization", "connection", "content-length", "date", "server", "www-authenticate"]);
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/;

function toHeaders(answer: Readonly<Record<string, unknown>>): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  const put = (name: string, values: readonly unknown[]) => {
    const lower = name.toLowerCase();
    const texts = values.filter((value) => value !== null && value !== undefined).map(String);
    if (lower === "transfer-encoding" || texts.length === 0) return;
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower) || texts.some((text) => UNSAFE.test(text))) throw badGateway();
    if (lower === "set-cookie") cookies.push(...texts);
    else headers[REMAPPED.has(lower) ? `x-amzn-remapped-${lower}` : lower] = texts.join(",");
  };
  const { headers: single = {}, multiValueHeaders: multi = {} } = answer;
  if ((single !== null && !isRecord(single)) || (multi !== null && !isRecord(multi))) throw badGateway();
  const several = new Set(Object.keys(multi ?? {}).map((name) => name.toLowerCase()));
  for (const [name, value] of Object.entries(single ?? {})) if (!several.has(name.toLowerCase())) put(name, [value]);
  for (const [name, values] of Object.entries(multi ?? {})) {
    if (!Array.isArray(values)) throw badGateway();
    put(name, values);
  }
  return { headers, cookies };
}
