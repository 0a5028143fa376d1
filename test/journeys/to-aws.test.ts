import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOtherAccount, type OtherAccount } from "#test/other-account";

const TABLE = readFileSync(join(import.meta.dirname, "penguins.csv"), "utf8");

/**
 * `--to aws` goes where the usual chain of credentials leads. Here that is another home's server, named by the variables that any AWS
 * tool reads: all but the address is as it would be.
 */
describe("a project that goes to AWS", { timeout: 120_000 }, () => {
  let at: OtherAccount;
  const cauce = (...words: string[]) => at.cauce(...words);

  beforeAll(async () => void (at = await openOtherAccount()));
  afterAll(() => at[Symbol.asyncDispose]());

  it("shows account and region, and changes nothing unasked", async () => {
    const ran = await cauce("up", "penguins.csv", "--predict", "species", "--to", "aws", "--json");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("aws · account 000000000000 · us-east-1");
    expect(ran.lines.at(-1)).toMatchObject({ error: { code: "ConfirmationMissing" } });
    const status = await cauce("status", "--to", "aws", "--json");
    expect(status.lines.at(-1)).toMatchObject({ target: { name: "aws", account: "000000000000" }, projects: [] });
  });

  it("comes up in a stage of its own, with no server in the user's home", async () => {
    const words = ["--to", "aws", "--stage", "staging", "--yes"];
    const up = await cauce("up", "penguins.csv", "--predict", "species", ...words, "--json");
    expect(up).toMatchObject({ code: 0 });
    expect(up.lines.at(-1)).toMatchObject({ project: "penguins-staging" });
    expect(() => at.user.endpoint()).toThrow(/ENOENT/);
    const url = String(up.lines.at(-1)?.["url"]);
    expect(url.startsWith(at.account.endpoint())).toBe(true);
    const answer = await cauce("invoke", "--name", "penguins", "--stage", "staging", "--to", "aws");
    expect(JSON.parse(answer.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ prediction: "Adelie" });
  });

  it("is gone when it is destroyed, which is asked each time", async () => {
    const name = ["--name", "penguins", "--stage", "staging", "--to", "aws", "--json"];
    expect((await cauce("destroy", ...name)).lines.at(-1)).toMatchObject({ error: { code: "ConfirmationMissing" } });
    expect((await cauce("destroy", ...name, "--yes")).lines.at(-1)).toMatchObject({ project: "penguins-staging" });
    expect((await cauce("status", "--to", "aws", "--json")).lines.at(-1)).toMatchObject({ projects: [] });
  });

  it("leaves the table, says where it is, and takes it too with --data", async () => {
    const name = ["--name", "penguins-staging", "--to", "aws", "--yes"];
    const kept = { objects: 1, uri: "s3://cauce-000000000000-us-east-1/penguins-staging/data/" };
    const again = await cauce("destroy", ...name);
    expect(again.stdout).toContain(`Kept: 1 file (${Math.ceil(Buffer.byteLength(TABLE) / 1000)} kB) in ${kept.uri}`);
    expect(again.stdout).toContain("cauce destroy --name penguins-staging --to aws --data");
    expect((await cauce("destroy", ...name, "--json")).lines.at(-1)).toMatchObject({ kept });
    const all = (await cauce("destroy", ...name, "--data", "--json")).lines.at(-1);
    expect(all).toMatchObject({ removed: { object: 1 } });
    expect(all).not.toHaveProperty("kept");
  });

  /** A profile with a role that trusts nobody. */
  async function roleRefused() {
    const { AWS_ENDPOINT_URL = "", AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = at.env;
    await writeFile(
      join(at.user.work, "aws-config"),
      `[profile base]\naws_access_key_id = ${AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}\n[profile deployer]\nregion = us-east-1\nsource_profile = base\nrole_arn = arn:aws:iam::000000000000:role/nobody\n`,
    );
    const profile = { AWS_CONFIG_FILE: join(at.user.work, "aws-config"), AWS_PROFILE: "deployer", AWS_ENDPOINT_URL };
    const ran = await at.user.cauce(["status", "--to", "aws", "--json"], { env: { HOME: at.user.work, ...profile } });
    return ran.lines.at(-1);
  }

  it("says what is missing where there are no credentials, no region, no such target", async () => {
    const bare = (more: Record<string, string>) =>
      at.user.cauce(["status", "--to", "aws", "--json"], {
        env: { HOME: at.user.work, AWS_EC2_METADATA_DISABLED: "true", ...more },
      });
    expect((await bare({})).lines.at(-1)).toMatchObject({ error: { code: "RegionMissing" } });
    const keyless = await bare({ AWS_REGION: "eu-west-1" });
    expect(keyless.lines.at(-1)).toMatchObject({ error: { code: "CredentialsMissing" } });
    expect(await roleRefused()).toMatchObject({ error: { code: "RoleRefused" } });
    expect((await cauce("status", "--to", "asw", "--json")).lines.at(-1)).toMatchObject({
      error: { code: "TargetUnknown", fix: expect.stringContaining("--to embedded, --to aws, --to ec2") as string },
    });
  });
});
