import type { Readable } from "node:stream";
import type { Clock, Ids } from "#core";
import type { WireRequest, WireResponse } from "#protocol";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { Journal } from "./journal.ts";
import type { Metrics } from "./metrics.ts";
import type { Call, ServiceName } from "./operation.ts";
import type { Permission } from "./permission.ts";
import type { Principal } from "./principal.ts";
import type { ResourceHandler } from "./resource.ts";
import type { Settings } from "./settings.ts";
import type { OpenTables, TableSpecs } from "./tables/index.ts";
import type { Tasks } from "./tasks.ts";

/** What a handler knows of the request, and its only way out: to its own tables, and to other services by `call`. */
export interface Context<Tables extends TableSpecs = TableSpecs> {
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  /** Whether nobody on the way could read the request: by TLS, or within this machine. */
  readonly secureTransport: boolean;
  readonly tables: OpenTables<Tables>;
  readonly kernel: Kernel;
  now(): Date;
  /**
   * Asks another service (or this one) through the same dispatch that a request takes: validated, authorized, in the journal.
   * As the caller, unless `as` says otherwise: a service principal, or a role session from `assume`.
   */
  readonly call: Call;
  /** A session of a role that trusts `service` (e.g. `sagemaker.amazonaws.com`). Throws STS's AccessDenied when it does not. */
  assume(roleArn: string, options: { readonly service: string; readonly sessionName: string }): Promise<AssumedRole>;
  /** Throws the service's access-denied fault unless the principal may do this too (e.g. `iam:PassRole`). */
  authorize(permission: Permission): Promise<void>;
  /** The same context for another principal. */
  as(principal: Principal): Context<Tables>;
}

export interface AssumedRole {
  readonly principal: Principal;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Everything the services of one server stand on. */
export interface Kernel {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly blobs: BlobStore;
  readonly tasks: Tasks;
  readonly journal: Journal;
  readonly metrics: Metrics;
  /** What the start found unfinished or of an older version, as sentences: for whoever starts a server after one that was killed. */
  readonly interrupted: string[];
  /** Where this server answers, e.g. `http://127.0.0.1:4566`; known once it listens. */
  readonly endpoint: string;
  /** The one `T` of this server: worker pools, loaded models, caches. Made when first asked for, disposed when the server stops. */
  live<T>(definition: Live<T>): T;
  /** Synchronous, all or nothing, across the tables of all services. */
  transaction<T>(work: () => T): T;
  /** The same, soon: those of one moment share one sync of the disk, and each is undone by itself when it throws. Durable when it resolves. */
  commit<T>(work: () => T): Promise<T>;
  /** A context outside of any request, for background work. */
  context(service: ServiceName, principal: Principal, region?: string): Context;
  /** What CloudFormation can make, by type, from all services. */
  resourceHandler(type: string): ResourceHandler | undefined;
  /** One request of the wire, from its first byte to its answer. */
  handle(request: WireRequest, body: Readable): Promise<WireResponse>;
  /** A consistent copy of the whole state, databases and blobs, in a new folder on the same file system. Blocks while it is made. */
  snapshot(folder: string): void;
  /** Stops tasks, disposes what is live, closes the state. */
  stop(): Promise<void>;
}

export interface Live<T> {
  readonly name: string;
  create(kernel: Kernel): T;
  dispose?(value: T): void | Promise<void>;
}
