import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";

let cauce: TestServer;
let secrets: SecretsManager;
beforeAll(async () => {
  cauce = await startCauce();
  secrets = new SecretsManager(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  secrets.destroy();
  await cauce[Symbol.asyncDispose]();
});

const fails = (name: string, message = "") => ({ name, message: expect.stringContaining(message) });

describe("a secret's life", () => {
  test("is made, read by name, ARN and partial ARN, changed, with the value before under AWSPREVIOUS", async () => {
    const made = await secrets.createSecret({
      Name: "db/sales",
      Description: "of ann",
      SecretString: "s3cret",
      Tags: [{ Key: "team", Value: "sales" }],
    });
    expect(made.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:db\/sales-[A-Za-z0-9]{6}$/);
    for (const SecretId of ["db/sales", made.ARN, made.ARN?.slice(0, -7)])
      expect(await secrets.getSecretValue({ SecretId })).toMatchObject({ SecretString: "s3cret", ARN: made.ARN });
    const put = await secrets.putSecretValue({ SecretId: "db/sales", SecretString: "n3w" });
    expect(put.VersionStages).toEqual(["AWSCURRENT"]);
    const before = await secrets.getSecretValue({ SecretId: "db/sales", VersionStage: "AWSPREVIOUS" });
    expect(before).toMatchObject({ SecretString: "s3cret", VersionId: made.VersionId });
    await secrets.updateSecret({ SecretId: "db/sales", Description: "of bob", SecretString: "third" });
    const described = await secrets.describeSecret({ SecretId: "db/sales" });
    expect(described).toMatchObject({ Description: "of bob", Tags: [{ Key: "team", Value: "sales" }] });
    expect(
      Object.values(described.VersionIdsToStages ?? {})
        .flat()
        .sort(),
    ).toEqual(["AWSCURRENT", "AWSPREVIOUS"]);
    const gone = secrets.getSecretValue({ SecretId: "db/sales", VersionId: made.VersionId });
    await expect(gone).rejects.toMatchObject(fails("ResourceNotFoundException", "VersionId"));
  });

  test("bytes stay bytes; tags come and go", async () => {
    await secrets.createSecret({ Name: "bytes", SecretBinary: new Uint8Array([0, 255, 10]) });
    expect((await secrets.getSecretValue({ SecretId: "bytes" })).SecretBinary).toEqual(new Uint8Array([0, 255, 10]));
    await secrets.tagResource({ SecretId: "bytes", Tags: [{ Key: "a", Value: "1" }] });
    await secrets.untagResource({ SecretId: "bytes", TagKeys: ["a"] });
    expect((await secrets.describeSecret({ SecretId: "bytes" })).Tags).toEqual([]);
  });

  test("the same request again is the same; another under the same token or name is refused", async () => {
    const ClientRequestToken = "t".repeat(32);
    const input = { Name: "once", SecretString: "a", ClientRequestToken };
    const first = await secrets.createSecret(input);
    expect(await secrets.createSecret(input)).toMatchObject({ ARN: first.ARN, VersionId: first.VersionId });
    await expect(secrets.createSecret({ Name: "once", SecretString: "a" })).rejects.toMatchObject(
      fails("ResourceExistsException", "once already exists"),
    );
    const other = secrets.putSecretValue({ SecretId: "once", SecretString: "b", ClientRequestToken });
    await expect(other).rejects.toMatchObject(fails("ResourceExistsException"));
  });

  test("is marked for deletion, restored, and gone at once with force", async () => {
    await secrets.createSecret({ Name: "leaving", SecretString: "x" });
    await secrets.deleteSecret({ SecretId: "leaving", RecoveryWindowInDays: 7 });
    await expect(secrets.getSecretValue({ SecretId: "leaving" })).rejects.toMatchObject(
      fails("InvalidRequestException", "marked for deletion"),
    );
    await expect(secrets.createSecret({ Name: "leaving" })).rejects.toMatchObject(
      fails("InvalidRequestException", "already scheduled for deletion"),
    );
    await secrets.restoreSecret({ SecretId: "leaving" });
    expect((await secrets.getSecretValue({ SecretId: "leaving" })).SecretString).toBe("x");
    await secrets.deleteSecret({ SecretId: "leaving", ForceDeleteWithoutRecovery: true });
    await expect(secrets.describeSecret({ SecretId: "leaving" })).rejects.toMatchObject(
      fails("ResourceNotFoundException", "can't find the specified secret"),
    );
  });

  test("is listed by pages and filters", async () => {
    for (const Name of ["list/a", "list/b", "list/c"]) await secrets.createSecret({ Name, Description: "of lists" });
    const Filters = [{ Key: "name" as const, Values: ["list/"] }];
    const one = await secrets.listSecrets({ Filters, MaxResults: 2 });
    const two = await secrets.listSecrets({ Filters, MaxResults: 2, NextToken: one.NextToken });
    const names = [one, two].flatMap(({ SecretList = [] }) => SecretList.map(({ Name }) => Name));
    expect(names).toEqual(["list/a", "list/b", "list/c"]);
    expect(two.NextToken).toBeUndefined();
  });

  test("what is not built is refused by name", async () => {
    await expect(secrets.createSecret({ Name: "k", KmsKeyId: "alias/mine" })).rejects.toMatchObject(
      fails("InvalidParameterException", "KmsKeyId"),
    );
    await expect(secrets.getRandomPassword({})).rejects.toMatchObject(fails("NotImplemented", "GetRandomPassword"));
  });
});

test("a role reads the secrets that its policy names by their ARN, and no other", async () => {
  const iam = new IAM(cauce.client);
  const mine = await secrets.createSecret({ Name: "mine", SecretString: "1" });
  await secrets.createSecret({ Name: "other", SecretString: "2" });
  const document = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement });
  const { Role } = await iam.createRole({
    RoleName: "reader",
    AssumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "sts:AssumeRole",
    }),
  });
  await iam.putRolePolicy({
    RoleName: "reader",
    PolicyName: "p",
    PolicyDocument: document({ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: mine.ARN }),
  });
  const credentials = await takeRole(cauce.client, Role?.Arn, "reader");
  const reader = new SecretsManager({
    ...cauce.client,
    credentials,
  });
  expect((await reader.getSecretValue({ SecretId: "mine" })).SecretString).toBe("1");
  await expect(reader.getSecretValue({ SecretId: "other" })).rejects.toMatchObject({ name: "AccessDeniedException" });
  await expect(reader.describeSecret({ SecretId: "mine" })).rejects.toMatchObject({ name: "AccessDeniedException" });
  for (const client of [iam, reader]) client.destroy();
});

test("no value lies in the home in clear, and the key is its owner's alone", async () => {
  const word = "never-in-clear-0123456789";
  await secrets.createSecret({ Name: "clear", SecretString: word });
  await secrets.putSecretValue({ SecretId: "clear", SecretString: `${word}-2` });
  const files = readdirSync(cauce.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const holding = files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(word));
  expect(holding).toEqual([]);
  expect(statSync(join(cauce.home, "secrets.key")).mode & 0o777).toBe(0o600);
});
