import { fault } from "#protocol";
import type { AssumedRole, Context, Kernel } from "./context.ts";
import type { Machinery } from "./machinery.ts";
import { authorize, dispatch } from "./dispatch.ts";
import type { Call } from "./operation.ts";
import type { Permission } from "./permission.ts";
import { servicePrincipal } from "./principal.ts";
import type { Principal } from "./principal.ts";
import type { Registered } from "./registry.ts";

export interface Origin {
  readonly principal: Principal;
  readonly region: string;
  readonly requestId: string;
  /** True when not said: what one service asks another does not leave this process. */
  readonly secureTransport?: boolean | undefined;
}

/** What a handler of `of` gets. */
export function createContext(machinery: Machinery, of: Registered, origin: Origin): Context {
  return new RequestContext(machinery, of, origin);
}

/** A class, since one is made for every request and every call between services: its methods are made once. */
class RequestContext implements Context {
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  readonly secureTransport: boolean;
  readonly kernel: Kernel;
  readonly call: Call;
  readonly #machinery: Machinery;
  readonly #of: Registered;

  constructor(machinery: Machinery, of: Registered, { principal, region, requestId, secureTransport = true }: Origin) {
    this.account = principal.account;
    this.region = region;
    this.principal = principal;
    this.requestId = requestId;
    this.secureTransport = secureTransport;
    this.kernel = machinery.kernel;
    // No method, so that it may be handed on without its context.
    this.call = (service, operation, input, options) => {
      const asked = { service, operation, input: input as Record<string, unknown> };
      return call(machinery, asked, this.#origin(options?.as)) as never;
    };
    this.#machinery = machinery;
    this.#of = of;
  }

  get tables(): Context["tables"] {
    return this.#of.tables(this.account, this.region);
  }

  now(): Date {
    return this.kernel.clock.now();
  }

  assume(roleArn: string, options: { readonly service: string; readonly sessionName: string }): Promise<AssumedRole> {
    return assume(this.#machinery, this, roleArn, options);
  }

  async authorize(permission: Permission): Promise<void> {
    authorize(this.#machinery, { to: this.#of, ctx: this }, permission);
  }

  as(principal: Principal): Context {
    return new RequestContext(this.#machinery, this.#of, {
      ...this.#origin(principal),
      secureTransport: this.secureTransport,
    });
  }

  #origin(principal = this.principal): Origin {
    return { principal, region: this.region, requestId: this.requestId };
  }
}

async function call(
  machinery: Machinery,
  asked: { readonly service: string; readonly operation: string; readonly input: Record<string, unknown> },
  origin: Origin,
): Promise<Record<string, unknown>> {
  const { service, operation, input } = asked;
  const to = machinery.registry.find(service);
  if (!to) throw new Error(`No service ${service} in this kernel.`);
  const ctx = createContext(machinery, to, origin);
  return dispatch(machinery, { to, operation, input, ctx, origin: "service" });
}

async function assume(
  machinery: Machinery,
  ctx: Context,
  roleArn: string,
  options: { readonly service: string; readonly sessionName: string },
): Promise<AssumedRole> {
  const input = { RoleArn: roleArn, RoleSessionName: options.sessionName };
  const { Credentials: credentials } = await ctx.call("sts", "AssumeRole", input, {
    as: servicePrincipal(options.service, ctx.account),
  });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials ?? {};
  const key = accessKeyId === undefined ? undefined : machinery.keyring.find(accessKeyId);
  if (!key || !accessKeyId || !secretAccessKey || !sessionToken || !credentials?.Expiration) {
    throw fault("InternalFailure", "STS gave a session that it does not know.", { status: 500 });
  }
  return { principal: key.principal, accessKeyId, secretAccessKey, sessionToken, expiration: credentials.Expiration };
}
