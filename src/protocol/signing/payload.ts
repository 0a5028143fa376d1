import type { Readable } from "node:stream";
import type { WireRequest } from "../wire.ts";
import type { Verified } from "./verify.ts";

/**
 * The object's bytes out of what was sent: takes aws-chunked apart, checks signatures, hash, checksums and length while
 * they pass; the stream fails with an `AwsFault` when one does not hold. Without `verified`, only the framing is taken off.
 */
export function decodePayload(stream: Readable, verified: Verified | undefined, request: WireRequest): Readable {
  void stream;
  void verified;
  void request;
  throw new Error("being written");
}
