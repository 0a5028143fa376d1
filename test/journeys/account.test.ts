import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOtherAccount, type OtherAccount } from "#test/other-account";

/** What a project means for an account, before anything is made there: another home's server stands for AWS. */
describe("before a project goes to AWS", { timeout: 60_000 }, () => {
  let at: OtherAccount;
  const cauce = (...words: string[]) => at.cauce(...words);
  const table = ["penguins.csv", "--predict", "species"];

  beforeAll(async () => void (at = await openOtherAccount()));
  afterAll(() => at[Symbol.asyncDispose]());

  it("plan shows cost, permissions, quotas and limits, and the same with --json", async () => {
    const shown = await cauce("plan", ...table, "--to", "aws", "--requests", "1000000");
    expect(shown.stdout).toMatch(
      /SageMaker: endpoint, 1 × ml\.m5\.large +730 hours +× \$0\.115 += \$83\.95 +idle or not/,
    );
    expect(shown.stdout).toMatch(/API Gateway: requests +1,000,000 requests +× \$0\.0000035 += \$3\.50/);
    expect(shown.stdout).toMatch(/cloudformation +CreateStack/);
    // As a new account's answer would be: nothing of that type, and how to ask for more.
    expect(shown.stdout).toMatch(/! ml\.m5\.large for endpoint usage +needs 1 +has 0/);
    expect(shown.stdout).toMatch(/ {2}Concurrent executions +needs 10 +has 1000/);
    expect(shown.stdout).toContain("--service-code sagemaker --quota-code L-614B09FD --desired-value 1");
    expect(shown.stdout).toContain("A request at the URL: 6 MB");
    const [plan] = (await cauce("plan", ...table, "--to", "aws", "--json")).lines;
    expect(plan).toMatchObject({ account: { cost: { month: { lines: expect.any(Array) } }, quotas: {}, limits: {} } });
    const wrong = await cauce("plan", ...table, "--to", "aws", "--requests", "many", "--json");
    expect(wrong.lines.at(-1)).toMatchObject({ error: { code: "BadRequests" } });
    const aside = await cauce("bootstrap", "ec2", "--name", "penguins", "--json");
    expect(aside.lines.at(-1)).toMatchObject({ error: { code: "OptionUnused" } });
  });

  it("up says what it will cost before it asks", async () => {
    const { stderr, lines } = await cauce("up", ...table, "--to", "aws", "--json");
    expect(stderr).toMatch(/at least \$84\.45 a month in us-east-1, \$83\.97 of it idle or not/);
    expect(lines.at(-1)).toMatchObject({ error: { code: "ConfirmationMissing" } });
  });

  it("bootstrap prints the policy; applied, it is there, with a role", async () => {
    const [printed] = (await cauce("bootstrap", "aws", "--name", "penguins", "--json")).lines;
    const policies = printed?.["policies"] as { name: string }[];
    expect(policies.map(({ name }) => name)).toEqual([
      "CauceDeploy-penguins-us-east-1-1",
      "CauceDeploy-penguins-us-east-1-2",
    ]);
    const role = ["--role", "github", "--trust", "arn:aws:iam::000000000000:root", "--yes", "--json"];
    const applied = await cauce("bootstrap", "aws", "--name", "penguins", "--apply", ...role);
    expect(applied.lines.at(-1)).toMatchObject({
      policies: [{ action: "created" }, { action: "created" }],
      role: { arn: "arn:aws:iam::000000000000:role/github", action: "created" },
    });
    const [host] = (await cauce("bootstrap", "ec2", "--json")).lines;
    expect(JSON.stringify(host)).toContain("role/CauceHost-us-east-1");
    expect((await cauce("bootstrap", "gcp", "--json")).lines.at(-1)).toMatchObject({
      error: { code: "BootstrapWhere" },
    });
  });
});
