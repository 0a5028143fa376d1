import { buffer } from "node:stream/consumers";
import type { Readable } from "node:stream";
import type { Principal } from "#kernel";
import { AwsFault } from "#protocol";
import type { Call } from "./call.ts";
import type { Integration } from "./compiled-stages.ts";
import { misconfigured, timedOut, tooLarge } from "./gateway-responses.ts";

/** What a function answered; `error` when it failed. */
export interface Answer {
  readonly payload: string;
  readonly error: boolean;
}

/** Calls the integration's function and waits as long as the integration allows. */
export async function invokeFunction(
  call: Call,
  integration: Integration,
  payload: string,
  type: "RequestResponse" | "Event",
): Promise<Answer> {
  // AWS: a function is invoked by POST; another method of the integration is an error at the time of the call. Recorded 2024-03-20.
  if (integration.functionName === undefined || integration.httpMethod !== "POST") throw misconfigured();
  try {
    const output = await within(integration.timeout, start(call, integration, payload, type));
    return { payload: await textOf(output.Payload), error: output.FunctionError !== undefined };
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    throw error.code === "RequestEntityTooLargeException" ? tooLarge() : misconfigured();
  }
}

async function start(call: Call, integration: Integration, payload: string, type: "RequestResponse" | "Event") {
  const as =
    integration.credentials === undefined
      ? integration.principal(call.request.method)
      : await assume(call, integration.credentials);
  const input = {
    FunctionName: integration.functionName ?? "",
    InvocationType: type,
    Payload: Buffer.from(payload),
  } as const;
  return call.stage.ctx.call("lambda", "Invoke", input, { as });
}

interface Session {
  readonly principal: Principal;
  readonly expires: number;
}

const sessions = new WeakMap<Integration, Session>();
const BEFORE_END = 60_000;

async function assume(call: Call, role: string): Promise<Principal> {
  const integration = call.route!.integration;
  const known = sessions.get(integration);
  if (known && known.expires - BEFORE_END > call.time.getTime()) return known.principal;
  const { principal, expiration } = await call.stage.ctx.assume(role, {
    service: "apigateway.amazonaws.com",
    sessionName: "BackplaneAssumeRoleSession",
  });
  sessions.set(integration, { principal, expires: expiration.getTime() });
  return principal;
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut()), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function textOf(payload: Uint8Array | string | Readable | undefined): Promise<string> {
  if (payload === undefined) return "";
  if (typeof payload === "string") return payload;
  if (payload instanceof Uint8Array)
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
  return (await buffer(payload)).toString("utf8");
}
