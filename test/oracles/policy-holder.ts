import { vi } from "vitest";
import type { Target } from "#aws";
import { services } from "#services";
import type { TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";
import type { Used } from "./policy-use.ts";

export const ACCOUNT = "000000000000";

/** Whoever may act for the account. */
export const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" }],
});

/** The target as whoever takes a role sees it. */
export async function assume(cauce: TestServer, admin: Target, role: string): Promise<Target> {
  const credentials = await takeRole(cauce.client, `arn:aws:iam::${ACCOUNT}:role/${role}`, "test");
  return {
    ...admin,
    credentials,
  };
}

/** Every decision about a role that ends in yes, where IAM makes it. */
export function watchDecisions(used: Used[]) {
  const authorizer = services.find(({ name }) => name === "iam")?.authorizer;
  if (!authorizer) throw new Error("IAM decides nothing.");
  const { decide } = authorizer;
  vi.spyOn(authorizer, "decide").mockImplementation((principal, permission, ctx, policy) => {
    const decision = decide(principal, permission, ctx, policy);
    if (principal.type === "role" && "allowed" in decision && decision.allowed)
      used.push({ ...permission, role: principal.roleName });
    return decision;
  });
}
