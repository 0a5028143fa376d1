import { AwsFault, fault, validate } from "#protocol";
import type { Context } from "./context.ts";
import type { Decision } from "./authorizer.ts";
import type { Machinery } from "./machinery.ts";
import type { Permission } from "./permission.ts";
import type { Registered } from "./registry.ts";

/** One operation that somebody asks for, over the wire or from another service. */
export interface Invocation {
  readonly to: Registered;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly ctx: Context;
  readonly origin: "wire" | "service";
}

/** The life of every operation, whoever asks: validate, authorize, do, write it down. */
export async function dispatch(machinery: Machinery, invocation: Invocation): Promise<Record<string, unknown>> {
  const { to, operation, input, ctx } = invocation;
  try {
    const handler = requireHandler(to, operation);
    validate({ model: to.model, operation, quirks: to.quirks }, input);
    authorizeOperation(machinery, invocation);
    const output = await handler(input, ctx);
    note(machinery, invocation);
    return output;
  } catch (error) {
    note(machinery, invocation, error instanceof AwsFault ? error.code : "InternalFailure");
    throw error;
  }
}

type AnyHandler = (input: unknown, ctx: Context) => Record<string, unknown> | Promise<Record<string, unknown>>;

function requireHandler(to: Registered, operation: string): AnyHandler {
  const handlers = to.service.operations as unknown as Readonly<Record<string, AnyHandler | undefined>>;
  const handler = handlers[operation];
  if (handler) return handler;
  throw fault(
    "NotImplemented",
    `Cauce does not implement ${to.iamPrefix}:${operation}. docs/coverage/${to.service.name}.md lists what it does.`,
    { status: 501 },
  );
}

function authorizeOperation(machinery: Machinery, invocation: Invocation): void {
  const { to, operation, input, ctx } = invocation;
  const permissions = to.service.permissions as unknown as
    | Readonly<Record<string, ((input: unknown, at: Context) => Permission | readonly Permission[]) | undefined>>
    | undefined;
  const wanted = permissions?.[operation]?.(input, ctx) ?? { action: `${to.iamPrefix}:${operation}`, resource: "*" };
  for (const permission of Array.isArray(wanted) ? (wanted as readonly Permission[]) : [wanted as Permission]) {
    authorize(machinery, invocation, permission);
  }
}

/** Throws the access-denied fault of `to` unless the context's principal may do this. */
export function authorize(
  machinery: Machinery,
  { to, ctx }: Pick<Invocation, "to" | "ctx">,
  permission: Permission,
): void {
  const { principal } = ctx;
  const policy = to.service.resourcePolicy?.(permission, ctx as never);
  const decision = machinery.authorizer.decide(principal, permission, ctx, policy);
  if (decision.allowed) return;
  const { action, resource } = permission;
  // AWS: the form since 2021, "Access denied error messages" in the IAM user guide. XML and query services say AccessDenied.
  const code = to.model.metadata.protocol.includes("json") ? "AccessDeniedException" : "AccessDenied";
  throw fault(
    code,
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}${toReason(decision, action)}`,
    {
      status: 403,
    },
  );
}

function toReason(decision: Decision & { readonly allowed: false }, action: string): string {
  // AWS: STS gives no reason when a role does not trust the caller.
  if (decision.reason === "not trusted") return "";
  if (decision.reason !== "explicit deny") return ` because ${decision.reason} the ${action} action`;
  return ` with an explicit deny in ${decision.policy ?? "an identity-based"} policy`;
}

function note(machinery: Machinery, { to, operation, ctx, origin }: Invocation, code?: string): void {
  machinery.journal.record({
    at: ctx.now().getTime(),
    service: to.service.name,
    operation,
    principal: ctx.principal.arn,
    origin,
    ...(code !== undefined && { fault: code }),
  });
}
