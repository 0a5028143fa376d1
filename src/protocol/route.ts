import type { ServiceModel } from "./model.ts";
import type { Quirks } from "./quirks.ts";
import type { Protocol, WireRequest } from "./wire.ts";

export interface RoutedService {
  readonly model: ServiceModel;
  readonly quirks: Quirks;
}

export interface Peek {
  /** `Action` and `Version` of the body when its content type is `application/x-www-form-urlencoded`. */
  readonly formAction?: string;
  readonly formVersion?: string;
}

export interface Route {
  /** The key in the map of services. */
  readonly service: string;
  readonly operation: string;
  readonly protocol: Protocol;
  /** The path's labels, decoded; a bucket that the host named is among them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Throws an `AwsFault` (`UnknownOperationException`, …) when nothing matches; write that with `guessProtocol(request)`. */
export type Router = (request: WireRequest, peek: Peek) => Route;

export function createRouter(services: ReadonlyMap<string, RoutedService>): Router {
  void services;
  throw new Error("being written");
}
