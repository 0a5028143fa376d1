import { fault } from "#protocol";
import type { AssumedRole, Context } from "./context.ts";
import type { Machinery } from "./machinery.ts";
import { authorize, dispatch } from "./dispatch.ts";
import { servicePrincipal } from "./principal.ts";
import type { Principal } from "./principal.ts";
import type { Registered } from "./registry.ts";

export interface Origin {
  readonly principal: Principal;
  readonly region: string;
  readonly requestId: string;
}

/** What a handler of `of` gets. */
export function createContext(machinery: Machinery, of: Registered, origin: Origin): Context {
  const { principal, region, requestId } = origin;
  const { account } = principal;
  const ctx: Context = {
    account,
    region,
    principal,
    requestId,
    get tables() {
      return of.tables(account, region);
    },
    kernel: machinery.kernel,
    now: () => machinery.kernel.clock.now(),
    async call(service, operation, input, options) {
      const to = machinery.registry.find(service);
      if (!to) throw new Error(`No service ${service} in this kernel.`);
      const inner = createContext(machinery, to, { principal: options?.as ?? principal, region, requestId });
      const invocation = {
        to,
        operation,
        input: input as Record<string, unknown>,
        ctx: inner,
        origin: "service",
      } as const;
      return (await dispatch(machinery, invocation)) as never;
    },
    assume: (roleArn, options) => assume(machinery, ctx, roleArn, options),
    authorize: (permission) => authorize(machinery, { to: of, ctx }, permission),
    as: (other) => createContext(machinery, of, { ...origin, principal: other }),
  };
  return ctx;
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
