import { describe, expect, it } from "vitest";
import managed from "../managed-policies.json" with { type: "json" };
import { findPolicyProblem } from "./validate.ts";

const identity = (statement: object | object[], version = "2012-10-17") =>
  findPolicyProblem(JSON.stringify({ Version: version, Statement: statement }), "identity");
const trust = (statement: object) =>
  findPolicyProblem(JSON.stringify({ Version: "2012-10-17", Statement: statement }), "trust");
const allow = { Effect: "Allow", Action: "s3:*", Resource: "*" };

describe("policies of identities", () => {
  it("accepts what is right", () => {
    expect(identity(allow)).toBeUndefined();
    expect(
      identity({ Effect: "Deny", NotAction: ["a:b"], NotResource: "arn:aws:s3:::x/${aws:userid}" }),
    ).toBeUndefined();
  });

  it("accepts the managed policies", () => {
    for (const { statements } of Object.values(managed)) expect(identity(statements)).toBeUndefined();
  });

  it.each([
    ["no JSON", () => findPolicyProblem("{", "identity"), "Syntax errors in policy."],
    ["another element", () => identity({ ...allow, Extra: 1 }), "Syntax errors in policy."],
    ["an effect of its own", () => identity({ ...allow, Effect: "allow" }), "Syntax errors in policy."],
    ["no statement", () => identity([]), "Syntax errors in policy."],
    ["an old version", () => identity(allow, "2008-10-17"), "Policy document must be version 2012-10-17 or greater."],
    ["no such version", () => identity(allow, "2020-01-01"), "The policy must contain a valid version string"],
    ["no action", () => identity({ Effect: "Allow", Resource: "*" }), "Policy statement must contain actions."],
    ["no resource", () => identity({ Effect: "Allow", Action: "s3:*" }), "Policy statement must contain resources."],
    [
      "an action without vendor",
      () => identity({ ...allow, Action: "GetObject" }),
      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ],
    [
      "a resource that is no ARN",
      () => identity({ ...allow, Resource: "bucket" }),
      'Resource bucket must be in ARN format or "*".',
    ],
    ["a principal", () => identity({ ...allow, Principal: "*" }), "Policy document should not specify a principal."],
    [
      "no such operator",
      () => identity({ ...allow, Condition: { StringIs: { "a:b": "c" } } }),
      "Invalid Condition type : StringIs.",
    ],
    [
      "a Sid twice",
      () =>
        identity([
          { ...allow, Sid: "a" },
          { ...allow, Sid: "a" },
        ]),
      "Statement IDs (SID) in a single policy must be unique.",
    ],
  ])("refuses %s", (_, find, sentence) => expect(find()).toBe(sentence));
});

describe("trust policies", () => {
  const assume = { Effect: "Allow", Action: "sts:AssumeRole" };

  it("accepts services, accounts, roles and everybody", () => {
    const principals = [
      { Service: "sagemaker.amazonaws.com" },
      { AWS: ["000000000000", "arn:aws:iam::000000000000:root"] },
      "*",
    ];
    for (const Principal of principals) expect(trust({ ...assume, Principal })).toBeUndefined();
  });

  it.each([
    ["no JSON", () => findPolicyProblem("x", "trust"), "This policy contains invalid Json"],
    ["no principal", () => trust(assume), "Missing required field Principal"],
    ["a resource", () => trust({ ...assume, Principal: "*", Resource: "*" }), "Has prohibited field Resource"],
    [
      "another action",
      () => trust({ ...assume, Principal: "*", Action: "s3:GetObject" }),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    ],
    [
      "no such service",
      () => trust({ ...assume, Principal: { Service: "sagemaker" } }),
      'Invalid principal in policy: "SERVICE":"sagemaker"',
    ],
    [
      "no such kind of principal",
      () => trust({ ...assume, Principal: { Robot: "x" } }),
      'Invalid principal in policy: "ROBOT":"x"',
    ],
  ])("refuses %s", (_, find, sentence) => expect(find()).toBe(sentence));
});
