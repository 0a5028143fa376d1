import { describe, expect, it } from "vitest";
import { findPolicyProblem } from "./policy-grammar.ts";
import { isPublic } from "./public-policies.ts";

const STATEMENT = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::111122223333:root" },
  Action: "s3:GetObject",
  Resource: "arn:aws:s3:::mine/*",
};

const of = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const problem = (changes: object) => findPolicyProblem(of({ ...STATEMENT, ...changes }), "mine");

describe("a bucket's policy", () => {
  it.each([
    [{}],
    [{ Principal: "*", Effect: "Deny", Action: "s3:*", Resource: ["arn:aws:s3:::mine", "arn:aws:s3:::mine/*"] }],
    [{ Condition: { Bool: { "aws:SecureTransport": "false" } } }],
    [{ Principal: { Service: "logging.s3.amazonaws.com" } }],
    [{ Action: ["s3:ListBucket", "s3:Get*"], Resource: ["arn:aws:s3:::mine", "arn:aws:s3:::mine/a*"] }],
    [{ Resource: "arn:aws:s3:::mi*" }],
    [{ Resource: "arn:aws:s3:::*i?e*/*" }],
  ])("is taken: %j", (changes) => {
    expect(problem(changes)).toBeUndefined();
  });

  it.each([
    [{ Effect: "Maybe" }, "Invalid effect: Maybe"],
    [{ Effect: undefined }, "Missing required field Effect"],
    [{ Principal: undefined }, "Missing required field Principal"],
    [{ Action: undefined }, "Missing required field Action"],
    [{ Resource: undefined }, "Missing required field Resource"],
    [{ Principal: { AWS: "somebody" } }, "Invalid principal in policy"],
    [{ Principal: "somebody" }, "Invalid principal in policy"],
    [{ Action: "ec2:RunInstances" }, "Policy has invalid action"],
    [{ Resource: "*" }, "Policy has invalid resource"],
    [{ Resource: "arn:aws:s3:::other/*" }, "Policy has invalid resource"],
    [{ Resource: "arn:aws:s3:::mi*a?/*" }, "Policy has invalid resource"],
    [{ Resource: "arn:aws:s3:::mine?/*" }, "Policy has invalid resource"],
    [{ Resource: "arn:aws:s3:::mine" }, "Action does not apply to any resource(s) in statement"],
    [{ Action: "s3:ListBucket" }, "Action does not apply to any resource(s) in statement"],
    [{ Condition: { Sometimes: { "aws:SourceIp": "1.2.3.4" } } }, "Invalid Condition type : Sometimes"],
    [{ Condition: { Bool: { secure: "true" } } }, "Policy has an invalid condition key"],
    [{ Why: "not" }, "Unknown field Why"],
  ])("is refused: %j", (changes, sentence) => {
    expect(problem(changes)).toBe(sentence);
  });

  it("is a document with statements", () => {
    expect(findPolicyProblem("[]", "mine")).toBe("Policies must be valid JSON and the first byte must be '{'");
    expect(findPolicyProblem("{}", "mine")).toBe("Missing required field Statement");
    expect(findPolicyProblem(of(), "mine")).toBe("Could not parse the policy: Statement is empty!");
    expect(findPolicyProblem('{"Version":"2020-01-01","Statement":[]}', "mine")).toBe(
      "The policy must contain a valid version string",
    );
  });
});

describe("a public policy", () => {
  const everybody = { ...STATEMENT, Principal: "*" };
  it.each([
    [everybody, true],
    [{ ...everybody, Principal: { AWS: ["*"] } }, true],
    [{ ...everybody, Condition: { StringLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/x" } } }, true],
    [{ ...everybody, Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/1" } } }, true],
    [{ ...everybody, Condition: { StringNotEquals: { "aws:PrincipalAccount": "111122223333" } } }, true],
    [{ ...everybody, Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } }, false],
    [{ ...everybody, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }, false],
    [{ ...everybody, Effect: "Deny" }, false],
    [STATEMENT, false],
  ])("is one that anybody may use: %j", (statement, expected) => {
    expect(isPublic(of(statement))).toBe(expected);
  });
});
