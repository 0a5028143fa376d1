import { describe, expect, it } from "vitest";
import cases from "./cases/evaluation.json" with { type: "json" };
import { compilePolicy, type PolicyRequest, type Who } from "./compile.ts";
import { evaluateIdentity, evaluateResource } from "./evaluate.ts";

interface Case {
  readonly name: string;
  readonly version?: string;
  readonly statements?: readonly unknown[];
  /** Instead of statements: one that allows everything under this condition. */
  readonly condition?: unknown;
  readonly keys?: Readonly<Record<string, readonly string[] | undefined>>;
  readonly action?: string;
  readonly resource?: string;
  readonly verdict: string;
}

describe("policies of identities", () => {
  it.each(cases as readonly Case[])("$name: $verdict", ({ version, statements, condition, verdict, ...rest }) => {
    const Statement = statements ?? [{ Effect: "Allow", Action: "*", Resource: "*", Condition: condition }];
    const policy = compilePolicy(JSON.stringify({ Version: version ?? "2012-10-17", Statement }));
    expect(evaluateIdentity([policy], toRequest(rest))).toBe(verdict);
  });
});

describe("policies of resources", () => {
  const account = "000000000000";
  const session: Who = {
    arns: [`arn:aws:sts::${account}:assumed-role/r/s`, `arn:aws:iam::${account}:role/r`],
    account,
  };
  const events: Who = { arns: [], account, service: "events.amazonaws.com" };
  const verdict = (principal: unknown, who: Who, effect = "Allow") => {
    const Statement = [{ Effect: effect, Principal: principal, Action: "lambda:InvokeFunction" }];
    const policy = compilePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));
    return evaluateResource(policy, who, toRequest({ action: "lambda:InvokeFunction", resource: "f" }));
  };

  it("names a service", () => {
    expect(verdict({ Service: "events.amazonaws.com" }, events)).toBe("allow");
    expect(verdict({ Service: ["s3.amazonaws.com"] }, events)).toBe("none");
    expect(verdict({ AWS: account }, events)).toBe("none");
  });

  it("names a role, a session, everybody", () => {
    expect(verdict({ AWS: `arn:aws:iam::${account}:role/r` }, session)).toBe("allow");
    expect(verdict({ AWS: [`arn:aws:sts::${account}:assumed-role/r/s`] }, session)).toBe("allow");
    expect(verdict({ AWS: `arn:aws:iam::${account}:role/other` }, session)).toBe("none");
    expect(verdict("*", session)).toBe("allow");
  });

  it("only delegates when it names the account", () => {
    expect(verdict({ AWS: account }, session)).toBe("account");
    expect(verdict({ AWS: `arn:aws:iam::${account}:root` }, session)).toBe("account");
    expect(verdict({ AWS: "111111111111" }, session)).toBe("none");
  });

  it("denies", () => {
    expect(verdict("*", session, "Deny")).toBe("deny");
    expect(verdict({ AWS: account }, session, "Deny")).toBe("deny");
  });
});

function toRequest({
  keys = {},
  action = "s3:GetObject",
  resource = "arn:aws:s3:::b/k",
}: Partial<Case>): PolicyRequest {
  const lower = new Map(Object.entries(keys).map(([key, values]) => [key.toLowerCase(), values]));
  const find = (key: string) => lower.get(key.toLowerCase());
  return { action: action.toLowerCase(), resource, keys: find, variables: (name) => find(name)?.[0] };
}
