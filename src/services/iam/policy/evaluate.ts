import type { CompiledPolicy, PolicyRequest, Who } from "./compile.ts";

/** Nothing said, allowed, or denied in so many words. */
export type Verdict = "none" | "allow" | "deny";

/** Policies of an identity: an explicit deny wins over every allow. */
export function evaluateIdentity(policies: readonly CompiledPolicy[], request: PolicyRequest): Verdict {
  let verdict: Verdict = "none";
  for (const policy of policies) {
    for (const statement of policy.statements) {
      if (statement.effect === "Allow" && verdict === "allow") continue;
      if (!statement.matches(request)) continue;
      if (statement.effect === "Deny") return "deny";
      verdict = "allow";
    }
  }
  return verdict;
}

/** A resource's policy: who is named there is allowed; who is only of an account named there still needs a policy of its own. */
export function evaluateResource(policy: CompiledPolicy, who: Who, request: PolicyRequest): Verdict | "account" {
  let verdict: Verdict | "account" = "none";
  for (const statement of policy.statements) {
    const match = statement.matchesPrincipal(who);
    if (!match || !statement.matches(request)) continue;
    if (statement.effect === "Deny") return "deny";
    if (match === "named") verdict = "allow";
    else if (verdict === "none") verdict = "account";
  }
  return verdict;
}
