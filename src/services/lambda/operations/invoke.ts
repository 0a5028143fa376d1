import type { Readable } from "node:stream";
import type { Context, Handlers } from "#kernel";
import { parseJson } from "#core";
import { fault } from "#protocol";
import { eventQueue } from "../event-queue.ts";
import { eventTooLarge, invalidRequestContent, requestTooLarge } from "../faults.ts";
import { fleet } from "../fleet.ts";
import { requireFunction } from "../function-name.ts";
import type { FunctionRow, LambdaTables } from "../state.ts";

/** AWS: 6 MB when somebody waits, 1 MB when not (256 KB until 2025). */
const MOST_SYNC = 6_291_456;
const MOST_EVENT = 1_048_576;
const EMPTY = Buffer.from("{}");

export const invoke = {
  async Invoke(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    const type = input.InvocationType ?? "RequestResponse";
    if (type === "DryRun") return { StatusCode: 204, ExecutedVersion: "$LATEST" };
    const payload = checkedPayload(input.Payload, type === "Event");
    if (type === "Event") {
      ctx.kernel.live(eventQueue).add(ctx, row, payload);
      return { StatusCode: 202, Payload: new Uint8Array() };
    }
    assertInvocable(row);
    const outcome = await ctx.kernel.live(fleet).invoke(row, ctx.region, {
      requestId: requestIdOf(ctx),
      payload,
      clientContext: decodeClientContext(input.ClientContext),
      tail: input.LogType === "Tail",
    });
    return {
      StatusCode: 200,
      ExecutedVersion: "$LATEST",
      Payload: outcome.payload,
      ...(outcome.failed && { FunctionError: "Unhandled" }),
      ...(outcome.tail !== undefined && { LogResult: outcome.tail }),
    };
  },
} satisfies Handlers<"lambda", LambdaTables>;

/** AWS: a payload that is not JSON never reaches the function. */
function checkedPayload(payload: Readable | Uint8Array | undefined, event: boolean): Uint8Array {
  if (!(payload instanceof Uint8Array) || payload.length === 0) return EMPTY;
  if (event && payload.length > MOST_EVENT) throw eventTooLarge(payload.length, MOST_EVENT);
  if (payload.length > MOST_SYNC) throw requestTooLarge(MOST_SYNC, "InvokeFunction");
  if (parseJson(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("utf8")) === undefined) {
    throw invalidRequestContent("Could not parse payload into json");
  }
  return payload;
}

function assertInvocable(row: FunctionRow): void {
  if (row.state === "Failed")
    throw fault("InvalidRuntimeException", row.stateReason ?? "The function failed.", {
      status: 502,
      members: { Type: "User" },
    });
}

/** Each invocation has an id of its own, also when several come out of one request. */
function requestIdOf(ctx: Context<LambdaTables>): string {
  return ctx.principal.type === "service" ? ctx.kernel.ids.uuid() : ctx.requestId;
}

function decodeClientContext(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, "base64").toString("utf8");
}
