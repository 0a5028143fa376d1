import type { Readable } from "node:stream";
import type { Quirks, WireRequest, WireResponse } from "#protocol";
import type { Authorizer, Keyring } from "./authorizer.ts";
import type { Context } from "./context.ts";
import type { Handlers } from "./handlers.ts";
import type { InputOf, OperationName, ServiceName } from "./operation.ts";
import type { Permission } from "./permission.ts";
import type { ResourceHandler } from "./resource.ts";
import type { TableSpecs } from "./tables/index.ts";

/** An emulated AWS service, as a value. One line in `services/index.ts` registers it. */
export interface Service<S extends ServiceName = ServiceName, Tables extends TableSpecs = TableSpecs> {
  /** The name of its model in `models/`, and its name in `ctx.call`. */
  readonly name: S;
  /** The prefix of its actions in policies; the name unless it differs (`sagemaker-runtime` says `sagemaker`). */
  readonly iamPrefix?: string;
  readonly tables: Tables;
  readonly operations: Handlers<S, Tables>;
  /** What each operation needs to be allowed. One that is not here needs `prefix:Operation` on `*`. */
  readonly permissions?: Permissions<S, Context<Tables>>;
  /** The policy (JSON) of the resource that a permission is about, e.g. a function's or a bucket's: it decides beside the identity's. */
  readonly resourcePolicy?: (permission: Permission, ctx: Context<Tables>) => string | undefined;
  /** What CloudFormation can make here, by type. Handlers use only `call`. */
  readonly resources?: Readonly<Record<`AWS::${string}`, ResourceHandler>>;
  readonly quirks?: Quirks;
  /** Requests that are not AWS API calls: invoke URLs. */
  readonly http?: HttpDoor<Tables>;
  /** Answers a browser's `Origin`: the CORS headers to send, or undefined to refuse. */
  readonly crossOrigin?: (
    request: WireRequest,
    ctx: Context<Tables>,
  ) => CorsHeaders | undefined | Promise<CorsHeaders | undefined>;
  readonly authorizer?: Authorizer;
  readonly keyring?: (ctx: Context<Tables>) => Keyring;
  /** Once, before the first request: resume, or fail with the reason, what was running when the server ended. Must be quick; long work is a task. */
  readonly start?: (ctx: Context<Tables>) => void | Promise<void>;
}

/** A service of any kind, as the kernel holds it: what its handlers take is between the service and its model. */
export interface AnyService {
  readonly name: ServiceName;
  readonly iamPrefix?: string;
  readonly tables: TableSpecs;
  readonly operations: object;
  readonly permissions?: object;
  readonly resourcePolicy?: (permission: Permission, ctx: never) => string | undefined;
  readonly resources?: Readonly<Record<`AWS::${string}`, ResourceHandler>>;
  readonly quirks?: Quirks;
  readonly http?: HttpDoor<never>;
  readonly crossOrigin?: (
    request: WireRequest,
    ctx: never,
  ) => CorsHeaders | undefined | Promise<CorsHeaders | undefined>;
  readonly authorizer?: Authorizer;
  readonly keyring?: (ctx: never) => Keyring;
  readonly start?: (ctx: never) => void | Promise<void>;
}

export type CorsHeaders = Readonly<Record<string, string>>;

export type Permissions<S extends ServiceName, At = { account: string; region: string }> = {
  readonly [O in OperationName<S>]?: (input: InputOf<S, O>, at: At) => Permission | readonly Permission[];
};

export interface HttpDoor<Tables extends TableSpecs> {
  matches(request: WireRequest): boolean;
  handle(request: WireRequest, body: Readable, ctx: Context<Tables>): Promise<WireResponse>;
}

export function defineService<S extends ServiceName, Tables extends TableSpecs>(
  service: Service<S, Tables>,
): Service<S, Tables> {
  return service;
}
