import { Readable } from "node:stream";
import type { AwsFault } from "../fault.ts";
import type { ServiceModel, ShapeModel } from "../model.ts";
import type { At, Members, WireResponse } from "../wire.ts";

/** What the model says of a fault's code, by the code on the wire or by the shape's name. */
export interface ModeledFault {
  readonly name: string;
  readonly shape: ShapeModel;
}

const byCode = new WeakMap<ServiceModel, Map<string, ModeledFault>>();

export function modeledFault(model: ServiceModel | undefined, code: string): ModeledFault | undefined {
  if (!model) return undefined;
  let known = byCode.get(model);
  if (!known) {
    known = new Map();
    for (const [name, shape] of Object.entries(model.shapes)) {
      if (!shape.exception && !shape.error) continue;
      known.set(name, { name, shape });
      if (shape.error?.code && !known.has(shape.error.code)) known.set(shape.error.code, { name, shape });
    }
    byCode.set(model, known);
  }
  return known.get(code);
}

export function faultStatus(fault: AwsFault, modeled: ModeledFault | undefined, at?: At): number {
  // AWS: for services that once spoke Query, the model has the status of those days; JSON and CBOR say 400 or 500.
  if (at?.model.metadata.awsQueryCompatible && fault.status === undefined) {
    return modeled?.shape.error?.senderFault === false || modeled?.shape.fault ? 500 : 400;
  }
  return fault.status ?? modeled?.shape.error?.httpStatusCode ?? (modeled?.shape.fault ? 500 : 400);
}

/** The members of a fault as its shape names them: the message goes where the shape has room for it. */
export function faultMembers(fault: AwsFault, modeled: ModeledFault | undefined): Members {
  const members: Members = { ...fault.members };
  const names = Object.keys(modeled?.shape.members ?? {});
  members[names.find((name) => name.toLowerCase() === "message") ?? "message"] = fault.message;
  return members;
}

function requestIdHeader(at: At | undefined): string {
  return at?.quirks.requestIdHeader ?? "x-amzn-requestid";
}

export function newAnswer(at: At | undefined, requestId: string, status: number): WireResponse & { body: undefined } {
  return { status, headers: { [requestIdHeader(at)]: requestId }, body: undefined };
}

/** A payload as a handler gave it: text, bytes or a stream. */
export function toBody(value: unknown): string | Uint8Array | Readable | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || value instanceof Uint8Array || value instanceof Readable) return value;
  throw new TypeError("A payload must be text, bytes or a Readable.");
}

/** The body of a request whose operation does not stream. */
export function bytesOf(body: Uint8Array | Readable): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new TypeError("This operation's body must be read before it is parsed.");
}
