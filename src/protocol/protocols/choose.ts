import type { Protocol, WireRequest } from "../wire.ts";

/** The protocol of a request that could not be routed, by its looks alone. */
export function guessProtocol(request: WireRequest): Protocol {
  void request;
  throw new Error("being written");
}
