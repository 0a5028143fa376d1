import type { Readable } from "node:stream";
import { type Context, type HttpDoor, readAll } from "#kernel";
import { AwsFault, type WireRequest, type WireResponse } from "#protocol";
import type { ApiTables } from "../state.ts";
import { type Call, createCall } from "./call.ts";
import { findStage, type Route } from "./compiled-stages.ts";
import { answerError } from "./answer-error.ts";
import { GatewayError, misconfigured, noSuchRoute, tooLarge } from "./gateway-responses.ts";
import { callFunction, callMock } from "./integration.ts";
import { callProxy } from "./proxy.ts";
import { TemplateError } from "./template.ts";

/** The invoke URLs: `/_aws/execute-api/{api}/{stage}/…` and `{api}.execute-api.localhost/{stage}/…`. Open to everybody, web pages too. */
export const door: HttpDoor<ApiTables> = {
  matches: (request) =>
    request.path.startsWith(PREFIX) || (request.host.includes(".execute-api.") && HOST.test(request.host)),

  async handle(request, body, ctx) {
    const { api, stageName, path } = addressOf(request);
    const ids = { requestId: ctx.requestId, extendedId: extendedIdOf(ctx.requestId) };
    const started = performance.now();
    const time = ctx.now();
    const traceId = `Root=1-${Math.floor(time.getTime() / 1000).toString(16)}-${ctx.requestId.replaceAll("-", "").slice(0, 24)}`;
    try {
      const stage = findStage(ctx.kernel, api, stageName);
      // AWS: an API or a stage that is not there is not told apart from one that is closed.
      if (!stage) return sign({ status: 403, headers: { ...FORBIDDEN }, body: '{"message":"Forbidden"}' }, ids);
      const response = await answer({ stage, request, path, time, traceId, ...ids }, body, ctx);
      stage.counts.answered(response.status, performance.now() - started);
      return sign(response, ids);
    } catch (error) {
      reportFailure(error, request, ctx);
      return sign({ status: 500, headers: { ...FAILED }, body: misconfigured().body }, ids);
    }
  },
};

const PREFIX = "/_aws/execute-api/";
const HOST = /^([a-z0-9]+)\.execute-api\.(?:[a-z0-9-]+\.)?localhost(?::\d+)?$/i;
const FORBIDDEN = { "content-type": "application/json", "x-amzn-errortype": "ForbiddenException" };
const FAILED = { "content-type": "application/json", "x-amzn-errortype": "InternalServerErrorException" };
// AWS: API Gateway quotas, payload size.
const LARGEST_BODY = 10 * 1024 * 1024;

/** Sixteen characters, as AWS's look; made of the request's id, which is random already. */
function extendedIdOf(requestId: string): string {
  return `${Buffer.from(requestId.replaceAll("-", ""), "hex").toString("base64").slice(0, 15)}=`;
}

function addressOf({ path, host }: WireRequest): { api: string; stageName: string; path: string } {
  const named = path.startsWith(PREFIX);
  const rest = named ? path.slice(PREFIX.length) : path.slice(1);
  const end = named ? slash(rest, 0) : 0;
  const api = named ? rest.slice(0, end) : (HOST.exec(host)?.[1]?.toLowerCase() ?? "");
  const below = named ? rest.slice(end + 1) : rest;
  const stageEnd = slash(below, 0);
  return { api, stageName: below.slice(0, stageEnd), path: below.slice(stageEnd) || "/" };
}

function slash(text: string, from: number): number {
  const at = text.indexOf("/", from);
  return at < 0 ? text.length : at;
}

type Start = Pick<Call, "stage" | "request" | "path" | "requestId" | "extendedId" | "traceId" | "time">;

async function answer(start: Start, stream: Readable, ctx: Context<ApiTables>): Promise<WireResponse> {
  let known: Parameters<typeof createCall>[0] = start;
  let call: Call | undefined;
  try {
    const found = start.stage.router.find(start.path);
    const route = found && (found.target.get(start.request.method) ?? found.target.get("ANY"));
    if (!route) throw noSuchRoute();
    known = { ...start, route, ...(found.parameters && { pathParameters: found.parameters }) };
    call = createCall({ ...known, body: await read(start.request, stream) });
    return await integrate(call, route);
  } catch (error) {
    // A caller who went away before the end of the body is no failure of ours.
    const expected = error instanceof GatewayError || error instanceof TemplateError || stream.readableAborted;
    if (!expected) reportFailure(error, start.request, ctx);
    const told = error instanceof GatewayError ? error : misconfigured();
    return answerError(told, start.stage.gatewayResponses, call ?? createCall(known));
  }
}

/** Our own mistake: the caller gets no more than that, the server's log has the rest. */
function reportFailure(error: unknown, { method, path }: WireRequest, ctx: Context<ApiTables>): void {
  ctx.kernel.tasks.run(`invoke ${method} ${path}`, () => Promise.reject(error));
}

function integrate(call: Call, route: Route): WireResponse | Promise<WireResponse> {
  if (route.integration.type === "AWS_PROXY") return callProxy(call, route);
  return route.integration.type === "MOCK" ? callMock(call, route) : callFunction(call, route);
}

async function read({ headers }: WireRequest, stream: Readable): Promise<Buffer> {
  const told = headers["content-length"];
  if (told === undefined && headers["transfer-encoding"] === undefined) return Buffer.alloc(0);
  if (Number(told) > LARGEST_BODY) throw tooLarge();
  try {
    return await readAll(stream, LARGEST_BODY);
  } catch (error) {
    throw error instanceof AwsFault && error.status === 413 ? tooLarge() : error;
  }
}

function sign(response: WireResponse, { requestId, extendedId }: Pick<Call, "requestId" | "extendedId">): WireResponse {
  response.headers["x-amzn-requestid"] = requestId;
  response.headers["x-amz-apigw-id"] = extendedId;
  return response;
}
