import type { InputOf, OperationName, OutputOf, ServiceName } from "./operation.ts";
import type { Kernel } from "./kernel.ts";
import type { Principal } from "./principal.ts";
import type { Permission } from "./authorizer.ts";
import type { OpenTables, TableSpecs } from "./tables/index.ts";

/** What a handler knows of the request, and its only way out: to its own tables, and to other services by `call`. */
export interface Context<Tables extends TableSpecs = TableSpecs> {
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  readonly tables: OpenTables<Tables>;
  readonly kernel: Kernel;
  now(): Date;
  /**
   * Asks another service (or this one) through the same dispatch that a request takes: validated, authorized, in the journal.
   * As the caller, unless `as` says otherwise: a service principal, or a role session from `assume`.
   */
  call<S extends ServiceName, O extends OperationName<S>>(
    service: S,
    operation: O,
    input: InputOf<S, O>,
    options?: CallOptions,
  ): Promise<OutputOf<S, O>>;
  /** A session of a role that trusts `service` (e.g. `sagemaker.amazonaws.com`). Throws STS's AccessDenied when it does not. */
  assume(roleArn: string, options: { readonly service: string; readonly sessionName: string }): Promise<AssumedRole>;
  /** Throws the service's access-denied fault unless the principal may do this too (e.g. `iam:PassRole`). */
  authorize(permission: Permission): Promise<void>;
  /** The same context for another principal. */
  as(principal: Principal): Context<Tables>;
}

export interface CallOptions {
  readonly as?: Principal;
}

export interface AssumedRole {
  readonly principal: Principal;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}
