import type { Readable } from "node:stream";
import { readBindings, writeHeaders } from "../bindings.ts";
import { toText } from "../codecs/blob.ts";
import { hoistedHeaders } from "../hoisted.ts";
import type { ShapeRef } from "../model.ts";
import { planOf, type Payload, type Plan } from "../plan.ts";
import type { At, Incoming, Members, WireResponse } from "../wire.ts";
import { bytesOf, newAnswer, toBody } from "./answer.ts";

/** What REST-JSON and REST-XML differ in: how a body is written. */
export interface BodyCodec {
  readonly contentType: string;
  /** What stands where an output has members, but none for the body. */
  readonly emptyBody: string | undefined;
  /** The members of a body, or a payload that is a structure. */
  decode(at: At, ref: ShapeRef, text: string): unknown;
  encode(at: At, ref: ShapeRef, value: unknown, element: string): string;
  /** The element of a body that is no payload. */
  rootName(at: At, plan: Plan): string;
}

export function parseRest(codec: BodyCodec, at: At, incoming: Incoming): Members {
  const plan = planOf(at.model, at.operation).input;
  if (!plan) return {};
  const members = readBindings(plan, incoming, hoistedHeaders(incoming.request));
  if (plan.payload) {
    const value = readPayload(codec, at, plan.payload, incoming.body);
    if (value !== undefined) members[plan.payload.member] = value;
  } else if (plan.body) {
    const text = toText(bytesOf(incoming.body));
    if (text !== "") Object.assign(members, codec.decode(at, plan.ref, text));
  }
  return members;
}

export function serializeRest(codec: BodyCodec, at: At, output: Members, requestId: string): WireResponse {
  const { operation, output: plan } = planOf(at.model, at.operation);
  const answer: WireResponse = newAnswer(at, requestId, operation.http.responseCode ?? 200);
  if (!plan) return answer;
  writeHeaders(plan, output, answer.headers);
  if (plan.statusCode !== undefined && output[plan.statusCode] !== undefined) {
    answer.status = Number(output[plan.statusCode]);
  }
  answer.status = at.quirks.status?.(at.operation, output) ?? answer.status;
  if (plan.payload) writePayload(codec, at, output[plan.payload.member], answer);
  else if (plan.body) {
    answer.headers["content-type"] ??= codec.contentType;
    answer.body = codec.encode(at, plan.ref, output, codec.rootName(at, plan));
  } else if (codec.emptyBody !== undefined && answer.status !== 204) {
    answer.headers["content-type"] ??= codec.contentType;
    answer.body = codec.emptyBody;
  }
  return answer;
}

function readPayload(codec: BodyCodec, at: At, payload: Payload, body: Uint8Array | Readable): unknown {
  if (payload.streaming) return body;
  const bytes = bytesOf(body);
  if (bytes.length === 0) return undefined;
  if (payload.kind === "blob") return bytes;
  return payload.kind === "text" ? toText(bytes) : codec.decode(at, payload.ref, toText(bytes));
}

function writePayload(codec: BodyCodec, at: At, value: unknown, answer: WireResponse): void {
  const payload = planOf(at.model, at.operation).output?.payload;
  if (!payload || value === undefined || value === null) return;
  if (payload.kind === "value") {
    answer.headers["content-type"] ??= codec.contentType;
    answer.body = codec.encode(at, payload.ref, value, payload.element);
    return;
  }
  answer.headers["content-type"] ??= payload.kind === "text" ? "text/plain" : "application/octet-stream";
  answer.body = toBody(value);
}
