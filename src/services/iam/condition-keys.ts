import type { Context, Permission, Principal, ServicePrincipal } from "#kernel";
import type { Keys } from "./policy/conditions.ts";
import type { Variables } from "./policy/glob.ts";

type Values = readonly string[] | undefined;

/** The request's condition keys: AWS's global ones, and what the service says about this permission. Their names ignore case. */
export function createKeys(
  principal: Principal,
  permission: Permission,
  ctx: Context,
  tags: Readonly<Record<string, string>> | undefined,
): Keys {
  const given = new Map(
    Object.entries(permission.conditions ?? {}).map(([key, value]) => [key.toLowerCase(), toValues(value)]),
  );
  return (key) => {
    const lower = key.toLowerCase();
    if (given.has(lower)) return given.get(lower);
    if (lower.startsWith(TAG)) return toValues(tags?.[key.slice(TAG.length)]);
    return GLOBAL[lower]?.(principal, ctx) ?? ofPrincipal(lower, principal);
  };
}

/** AWS: a key with several values cannot be a variable. */
export function toVariables(keys: Keys): Variables {
  return (name) => {
    const values = keys(name);
    return values?.length === 1 ? values[0] : undefined;
  };
}

const TAG = "aws:principaltag/";

const GLOBAL: Readonly<Record<string, (principal: Principal, ctx: Context) => Values>> = {
  "aws:currenttime": (_, ctx) => [ctx.now().toISOString()],
  "aws:epochtime": (_, ctx) => [String(Math.floor(ctx.now().getTime() / 1000))],
  "aws:requestedregion": (_, ctx) => [ctx.region],
  // Every resource here is of the one account.
  "aws:resourceaccount": (_, ctx) => [ctx.account],
  "aws:securetransport": (_, ctx) => [String(ctx.secureTransport)],
  "aws:multifactorauthpresent": () => undefined,
};

function ofPrincipal(key: string, principal: Principal): Values {
  if (principal.type === "service") return ofService(key, principal);
  if (principal.type === "anonymous") return undefined;
  if (principal.type === "federated") return key === "aws:federatedprovider" ? [principal.provider] : undefined;
  if (key === "aws:principalaccount") return [principal.account];
  if (key === "aws:principalisawsservice" || key === "aws:viaawsservice") return ["false"];
  if (principal.type === "root") return key === "aws:principalarn" ? [principal.arn] : ROOT[key];
  // AWS: for a session, aws:PrincipalArn is the role's ARN.
  if (key === "aws:principalarn") return [principal.roleArn];
  if (key === "aws:userid") return [principal.userId];
  return key === "aws:principaltype" ? ["AssumedRole"] : undefined;
}

function ofService(key: string, principal: ServicePrincipal): Values {
  if (key === "aws:sourcearn") return toValues(principal.sourceArn);
  if (key === "aws:sourceaccount") return [principal.account];
  if (key === "aws:principalisawsservice") return ["true"];
  return key === "aws:principalservicename" ? [principal.service] : undefined;
}

const ROOT: Readonly<Record<string, Values>> = { "aws:principaltype": ["Account"] };

function toValues(value: string | readonly string[] | undefined): Values {
  return value === undefined ? undefined : typeof value === "string" ? [value] : value;
}
