import type { Context } from "#kernel";
import { malformedPolicy, policyNotFound, roleNotFound } from "./faults.ts";
import { managedPolicies } from "./managed-policies.ts";
import { findPolicyProblem, type PolicyKind } from "./policy/validate.ts";
import { forgetPolicies } from "./ready-roles.ts";
import type { iamTables, PolicyRow, RoleRow } from "./state.ts";

export type IamContext = Context<typeof iamTables>;

export function requireRole(ctx: IamContext, name: string): RoleRow {
  const row = ctx.tables.roles.get(name.toLowerCase());
  if (!row) throw roleNotFound(name);
  return row;
}

export function saveRole(ctx: IamContext, row: RoleRow): void {
  ctx.tables.roles.put(row.name.toLowerCase(), row);
  forgetPolicies(ctx);
}

export function findPolicy(ctx: IamContext, arn: string): PolicyRow | undefined {
  return managedPolicies.get(arn) ?? ctx.tables.policies.get(arn.toLowerCase());
}

export function requirePolicy(ctx: IamContext, arn: string): PolicyRow {
  const row = findPolicy(ctx, arn);
  if (!row) throw policyNotFound(arn);
  return row;
}

export function savePolicy(ctx: IamContext, row: PolicyRow): void {
  ctx.tables.policies.put(row.arn.toLowerCase(), row);
  forgetPolicies(ctx);
}

export function countAttachments(ctx: IamContext, arn: string): number {
  return ctx.tables.roles.list().filter(({ row }) => row.attachedPolicies.includes(arn)).length;
}

export function assertPolicy(document: string, kind: PolicyKind): void {
  const problem = findPolicyProblem(document, kind);
  if (problem !== undefined) throw malformedPolicy(problem);
}

/** AWS: white space does not count (IAM quotas). */
export function policySize(document: string): number {
  return document.replaceAll(/\s/g, "").length;
}

const ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** AWS: `AROA` for roles, `ANPA` for managed policies, `AIPA` for instance profiles (IAM identifiers). */
export function makeId(ctx: IamContext, prefix: "AROA" | "ANPA" | "AIPA"): string {
  return prefix + ctx.kernel.ids.token(17, ID);
}
