import type { Readable } from "node:stream";
import type { Clock, Ids } from "#core";
import type { WireRequest, WireResponse } from "#protocol";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { Context } from "./context.ts";
import type { Journal } from "./journal.ts";
import type { ServiceName } from "./operation.ts";
import type { Principal } from "./principal.ts";
import type { Settings } from "./settings.ts";
import type { ResourceHandler } from "./resource.ts";
import type { Tasks } from "./tasks.ts";

/** Everything the services of one server stand on. */
export interface Kernel {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly blobs: BlobStore;
  readonly tasks: Tasks;
  readonly journal: Journal;
  /** Where this server answers, e.g. `http://127.0.0.1:4566`; known once it listens. */
  readonly endpoint: string;
  /** The one `T` of this server: worker pools, loaded models, caches. Made when first asked for, disposed when the server stops. */
  live<T>(definition: Live<T>): T;
  /** Synchronous, all or nothing, across the tables of all services. */
  transaction<T>(work: () => T): T;
  /** A context outside of any request, for background work. */
  context(service: ServiceName, principal: Principal, region?: string): Context;
  /** What CloudFormation can make, by type, from all services. */
  resourceHandler(type: string): ResourceHandler | undefined;
  /** One request of the wire, from its first byte to its answer. */
  handle(request: WireRequest, body: Readable): Promise<WireResponse>;
  /** Stops tasks, disposes what is live, closes the state. */
  stop(): Promise<void>;
}

export interface Live<T> {
  readonly name: string;
  create(kernel: Kernel): T;
  dispose?(value: T): void | Promise<void>;
}
