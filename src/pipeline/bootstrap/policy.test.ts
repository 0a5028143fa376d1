import { describe, expect, it } from "vitest";
import { deployPolicies, policySize } from "./policy.ts";

const place = { account: "123456789012", region: "ap-southeast-3" };
const textOf = (project?: string) => JSON.stringify(deployPolicies({ place, project }));

describe("the policy of who deploys", () => {
  it("fits into what IAM takes, for the longest name too, and says each thing once", () => {
    for (const project of ["churn", "a".repeat(32), undefined]) {
      const policies = deployPolicies({ place, project });
      for (const { name, document } of policies) {
        expect(policySize(document)).toBeLessThanOrEqual(6144);
        expect(name).toMatch(/^[\w+=,.@-]{1,128}$/);
      }
      const ids = policies.flatMap(({ document }) => document.Statement.map(({ Sid }) => Sid));
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every((id) => /^[A-Za-z0-9]+$/.test(id))).toBe(true);
    }
  });

  it("knows only the project and its stages, and hands roles to two services", () => {
    const text = textOf("churn");
    expect(text).toContain("arn:aws:iam::123456789012:role/churn-*-ap-southeast-3");
    expect(text).toContain("arn:aws:s3:::cauce-123456789012-ap-southeast-3/churn/*");
    expect(text).not.toContain("role/*");
    expect(text).not.toMatch(/"[a-z0-9]+:\*"/);
    const handed = deployPolicies({ place, project: "churn" })
      .flatMap(({ document }) => document.Statement)
      .find(({ Action }) => Action === "iam:PassRole");
    expect(handed?.Condition).toEqual({
      StringEquals: { "iam:PassedToService": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"] },
    });
  });

  it("gives everything only where AWS knows no resource", () => {
    const everywhere = deployPolicies({ place, project: "churn" })
      .flatMap(({ document }) => document.Statement)
      .filter(({ Resource }) => Resource === "*")
      .flatMap(({ Action }) => Action);
    expect(everywhere.every((action) => /:(List|Describe|Get)/.test(action))).toBe(true);
  });

  it("has the partition of the region", () => {
    const china = JSON.stringify(deployPolicies({ place: { ...place, region: "cn-north-1" }, project: "churn" }));
    expect(china).toContain("arn:aws-cn:iam::");
    expect(china).not.toContain("arn:aws:");
  });
});
