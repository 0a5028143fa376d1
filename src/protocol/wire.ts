import type { Readable } from "node:stream";
import type { ServiceModel } from "./model.ts";
import type { Quirks } from "./quirks.ts";
import type { AwsFault } from "./fault.ts";

export interface WireRequest {
  readonly method: string;
  /** Raw: still percent-encoded, without the query. */
  readonly path: string;
  /** Raw, without the "?"; empty when there is none. */
  readonly query: string;
  /** Lower-case names; repeated headers joined by ",". */
  readonly headers: Readonly<Record<string, string>>;
  /** As the client named us, with the port when it gave one. */
  readonly host: string;
  /** Names and values in turn, as they came: for those to whom spelling and repetition matter. */
  readonly rawHeaders?: readonly string[];
  /** The address of the client. */
  readonly remoteAddress?: string;
  /** False: it came over a network where others can read it. */
  readonly secure?: boolean;
}

export interface WireResponse {
  status: number;
  /** Lower-case names. `content-length` is there only when the output names one (HEAD). */
  headers: Record<string, string>;
  /** `set-cookie`, which alone must not be joined into one line. */
  cookies?: readonly string[];
  body: string | Uint8Array | Readable | undefined;
}

/** Where a value belongs: which operation of which service. */
export interface At {
  readonly model: ServiceModel;
  /** The operation's name, a key of `model.operations`. */
  readonly operation: string;
  readonly quirks: Quirks;
}

/** A request on its way to a protocol. `body` is a stream exactly when `isStreamingInput` says so. */
export interface Incoming {
  readonly request: WireRequest;
  /** From the route: the path's labels, decoded. */
  readonly labels: Readonly<Record<string, string>>;
  readonly body: Uint8Array | Readable;
}

export type Members = Record<string, unknown>;

/**
 * Blobs are `Uint8Array` (also accepted as text in outputs), timestamps `Date`, a streaming payload a `Readable`
 * (outputs take text, bytes or a stream). Members that are undefined or null are not written.
 */
export interface Protocol {
  readonly name: string;
  parse(at: At, incoming: Incoming): Members;
  serialize(at: At, output: Members, requestId: string): WireResponse;
  /** Without `at` when the request could not be routed. */
  serializeFault(at: At | undefined, fault: AwsFault, requestId: string): WireResponse;
}
