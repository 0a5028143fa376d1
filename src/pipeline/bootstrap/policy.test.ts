import { describe, expect, it } from "vitest";
import { deployPolicies, hostPolicies, policySize } from "./policy.ts";

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

  it("shows the network only to who needs it: for a project in a VPC, or for any project", () => {
    for (const [of, shown] of [
      [{ project: "churn" }, false],
      [{ project: "churn", vpc: true }, true],
      [{}, true],
    ] as const)
      expect(JSON.stringify(deployPolicies({ place, ...of })).includes("ec2:DescribeSubnets")).toBe(shown);
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

describe("the policy of who makes the instance", () => {
  const statements = hostPolicies(place).flatMap(({ document }) => document.Statement);

  it("fits into what IAM takes", () => {
    for (const { name, document } of hostPolicies(place)) {
      expect(policySize(document)).toBeLessThanOrEqual(6144);
      expect(name).toMatch(/^CauceDeployHost-ap-southeast-3(-\d)?$/);
    }
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
  });

  it("hands one role to one service", () => {
    expect(statements.find(({ Action }) => Action === "iam:PassRole")).toMatchObject({
      Resource: "arn:aws:iam::123456789012:role/CauceHost-ap-southeast-3",
      Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    });
  });

  it("ends and changes only what has the host's tag, and describes the rest", () => {
    const ours = { StringEquals: { "ec2:ResourceTag/cauce:host": "ec2" } };
    const ending = statements.filter(({ Action }) =>
      /ec2:(Terminate|Delete|Release|Revoke|Attach)/.test(String(Action)),
    );
    expect(ending.length).toBeGreaterThan(0);
    for (const { Condition } of ending) expect(Condition).toEqual(ours);
    const everywhere = statements.filter(({ Resource }) => Resource === "*").flatMap(({ Action }) => Action);
    expect(everywhere.every((action) => action.startsWith("ec2:Describe"))).toBe(true);
  });
});
