import type { Authorizer, Context, Decision, FederatedPrincipal, Permission, Principal, RolePrincipal } from "#kernel";
import { fault } from "#protocol";
import type { CompiledPolicy, PolicyRequest, Who } from "./policy/compile.ts";
import { evaluateIdentity, evaluateResource, type Verdict } from "./policy/evaluate.ts";
import { type ReadyRole, type ReadyRoles, readyRoles } from "./ready-roles.ts";
import { createKeys, toVariables } from "./condition-keys.ts";

/** Decides as IAM's evaluation logic says: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export const authorizer: Authorizer = {
  decide(principal, permission, ctx, resourcePolicy) {
    const roles = ctx.kernel.live(readyRoles);
    if (permission.action === "sts:AssumeRole") return decideTrust(principal, permission, ctx, roles);
    if (principal.type === "federated") return decideFederated(principal, permission, ctx, roles);
    if (principal.type === "anonymous") return { allowed: false, reason: "no identity-based policy allows" };
    const policy = resourcePolicy === undefined ? undefined : roles.compile(resourcePolicy);
    if (principal.type === "root") return policy ? decideRoot(principal, permission, ctx, policy) : ALLOWED;
    if (principal.type === "role") return decideSession(principal, permission, ctx, { roles, policy });
    if (!policy) return ALLOWED;
    const verdict = evaluateResource(policy, whoIs(principal), requestOf(principal, permission, ctx));
    if (verdict === "allow") return ALLOWED;
    if (verdict === "deny") return { ...DENIED, policy: "a resource-based" };
    return { allowed: false, reason: "no resource-based policy allows" };
  },
};

const ALLOWED: Decision = { allowed: true };
const DENIED = { allowed: false, reason: "explicit deny" } as const satisfies Decision;

/** AWS: everybody may ask who they are, whatever their policies say (API reference, GetCallerIdentity). */
const FREE = new Set(["sts:GetCallerIdentity"]);

/** AWS: the account itself needs no permission, but a resource's policy can deny it one. */
function decideRoot(principal: Principal, permission: Permission, ctx: Context, policy: CompiledPolicy): Decision {
  const verdict = evaluateResource(policy, whoIs(principal), requestOf(principal, permission, ctx));
  return verdict === "deny" ? { ...DENIED, policy: "a resource-based" } : ALLOWED;
}

interface Sources {
  readonly roles: ReadyRoles;
  /** Of the resource. */
  readonly policy: CompiledPolicy | undefined;
}

function decideSession(
  principal: RolePrincipal,
  permission: Permission,
  ctx: Context,
  { roles, policy }: Sources,
): Decision {
  const role = requireRole(principal, roles);
  if (FREE.has(permission.action)) return ALLOWED;
  if (!policy && !principal.sessionPolicies?.length) {
    const known = remembered(role, permission);
    if (known !== "ask") return toDecision(known);
  }

  const request = requestOf(principal, permission, ctx, role);
  const identity = evaluateIdentity(role.policies, request);
  const resource = policy ? evaluateResource(policy, whoIs(principal), request) : "none";
  const sessions = (principal.sessionPolicies ?? []).map(roles.compile);
  const session = sessions.length === 0 ? "allow" : evaluateIdentity(sessions, request);
  if (identity === "deny") return DENIED;
  if (resource === "deny") return { ...DENIED, policy: "a resource-based" };
  if (session === "deny") return { ...DENIED, policy: "a session" };
  if (identity !== "allow" && resource !== "allow") return toDecision("none");
  return session === "allow" ? ALLOWED : { allowed: false, reason: "no session policy allows" };
}

function toDecision(verdict: Verdict): Decision {
  if (verdict === "allow") return ALLOWED;
  return verdict === "deny" ? DENIED : { allowed: false, reason: "no identity-based policy allows" };
}

/** The hot path: the same role asks for the same thing again and again, and nothing else plays a part. */
function remembered(role: ReadyRole, permission: Permission): Verdict | "ask" {
  const key = `${permission.action} ${permission.resource}`;
  const known = role.decisions.get(key);
  if (known) return known;
  if (role.decisions.size >= 1000) role.decisions.clear();
  const verdict = decideAlone(role, permission);
  role.decisions.set(key, verdict);
  return verdict;
}

function decideAlone({ policies }: ReadyRole, { action: name, resource }: Permission): Verdict | "ask" {
  const action = name.toLowerCase();
  const depends = policies.some(({ statements }) => statements.some((one) => one.depends && one.matchesAction(action)));
  if (depends) return "ask";
  return evaluateIdentity(policies, { action, resource, keys: () => undefined, variables: () => undefined });
}

/**
 * The trust policy of a role is the resource policy of `sts:AssumeRole`, and always has to agree.
 * AWS: a role that does not exist is answered as one that does not trust.
 */
function decideTrust(principal: Principal, permission: Permission, ctx: Context, roles: ReadyRoles): Decision {
  const refused: Decision = { allowed: false, reason: "not trusted" };
  const name = permission.resource.slice(permission.resource.lastIndexOf("/") + 1);
  const role = roles.find(name, principal.account);
  if (!role || role.arn !== permission.resource) return refused;
  const caller = principal.type === "role" ? requireRole(principal, roles) : undefined;
  const request = requestOf(principal, permission, ctx, caller);
  const trust = evaluateResource(role.trustPolicy, whoIs(principal), request);
  if (trust === "deny" || trust === "none") return refused;
  if (principal.type !== "role") return ALLOWED;
  const own = evaluateIdentity(caller?.policies ?? [], request);
  if (own === "deny") return DENIED;
  return trust === "allow" || own === "allow" ? ALLOWED : { allowed: false, reason: "no identity-based policy allows" };
}

/** Somebody from outside of the account may become a role that names their provider, and nothing else. */
function decideFederated(
  principal: FederatedPrincipal,
  permission: Permission,
  ctx: Context,
  roles: ReadyRoles,
): Decision {
  const refused: Decision = { allowed: false, reason: "not trusted" };
  if (permission.action !== "sts:AssumeRoleWithWebIdentity") return refused;
  const role = roles.find(permission.resource.slice(permission.resource.lastIndexOf("/") + 1), principal.account);
  if (!role || role.arn !== permission.resource) return refused;
  const verdict = evaluateResource(role.trustPolicy, whoIs(principal), requestOf(principal, permission, ctx));
  return verdict === "allow" ? ALLOWED : refused;
}

/** AWS: the sessions of a deleted role are no credentials any more, even when a role of the same name is made again. */
function requireRole(principal: RolePrincipal, roles: ReadyRoles): ReadyRole {
  const role = roles.find(principal.roleName, principal.account);
  if (role && principal.userId.startsWith(`${role.id}:`)) return role;
  throw fault("InvalidClientTokenId", "The security token included in the request is invalid.", { status: 403 });
}

function whoIs(principal: Principal): Who {
  const { account } = principal;
  if (principal.type === "service") return { arns: [], account, service: principal.service };
  if (principal.type === "federated") return { arns: [], account, federated: principal.provider };
  if (principal.type === "anonymous") return { arns: [], account };
  return { arns: principal.type === "role" ? [principal.arn, principal.roleArn] : [principal.arn], account };
}

function requestOf(principal: Principal, permission: Permission, ctx: Context, role?: ReadyRole): PolicyRequest {
  const keys = createKeys(principal, permission, ctx, role?.tags);
  return { action: permission.action.toLowerCase(), resource: permission.resource, keys, variables: toVariables(keys) };
}
