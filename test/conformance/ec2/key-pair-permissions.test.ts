import { generateKeyPairSync } from "node:crypto";
import { EC2 } from "@aws-sdk/client-ec2";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";

const ARN = "arn:aws:ec2:us-east-1:000000000000:key-pair";

/** AWS: a key pair's ARN ends with its name. Service Authorization Reference, Amazon EC2, `key-pair`. */
describe("who may do what with a key pair", () => {
  let cauce: TestServer;
  let admin: EC2;
  let held: EC2;

  beforeAll(async () => {
    cauce = await startCauce();
    admin = new EC2(cauce.client);
    held = await holderOf(cauce, [
      { Effect: "Allow", Action: ["ec2:CreateKeyPair", "ec2:ImportKeyPair"], Resource: `${ARN}/mine-*` },
      { Effect: "Allow", Action: "ec2:CreateTags", Resource: `${ARN}/mine-tagged` },
      {
        Effect: "Allow",
        Action: "ec2:DeleteKeyPair",
        Resource: `${ARN}/*`,
        Condition: { StringEquals: { "aws:ResourceTag/owner": "me" } },
      },
    ]);
  });
  afterAll(async () => {
    expect(cauce.reports).toEqual([]);
    for (const client of [admin, held]) client.destroy();
    await cauce[Symbol.asyncDispose]();
  });

  const denied = (action: string, name: string) => ({
    message: expect.stringContaining(`is not authorized to perform: ec2:${action} on resource: ${ARN}/${name}`),
  });
  const owned = (owner: string) => [{ ResourceType: "key-pair" as const, Tags: [{ Key: "owner", Value: owner }] }];

  it("is decided by its name when it is made or imported, and by CreateTags when it is given tags", async () => {
    const PublicKeyMaterial = sshKey();
    await held.createKeyPair({ KeyName: "mine-made", KeyType: "ed25519" });
    await held.importKeyPair({ KeyName: "mine-imported", PublicKeyMaterial });
    await expect(held.createKeyPair({ KeyName: "theirs" })).rejects.toMatchObject(denied("CreateKeyPair", "theirs"));
    await expect(held.importKeyPair({ KeyName: "theirs", PublicKeyMaterial })).rejects.toMatchObject(
      denied("ImportKeyPair", "theirs"),
    );
    await held.importKeyPair({ KeyName: "mine-tagged", PublicKeyMaterial, TagSpecifications: owned("me") });
    const untagged = held.importKeyPair({ KeyName: "mine-2", PublicKeyMaterial, TagSpecifications: owned("me") });
    await expect(untagged).rejects.toMatchObject(denied("CreateTags", "mine-2"));
    expect((await admin.describeKeyPairs({})).KeyPairs?.map(({ KeyName }) => KeyName)).not.toContain("mine-2");
  });

  it("is decided by its tags when it is deleted, by name or by id", async () => {
    const PublicKeyMaterial = sshKey();
    const make = (KeyName: string, owner: string) =>
      admin.importKeyPair({ KeyName, PublicKeyMaterial, TagSpecifications: owned(owner) });
    const [a, b] = [await make("a", "me"), await make("b", "you")];
    await expect(held.deleteKeyPair({ KeyName: "b" })).rejects.toMatchObject(denied("DeleteKeyPair", "b"));
    await expect(held.deleteKeyPair({ KeyPairId: b.KeyPairId })).rejects.toMatchObject(denied("DeleteKeyPair", "b"));
    await expect(held.deleteKeyPair({ KeyName: "gone" })).rejects.toMatchObject(denied("DeleteKeyPair", "gone"));
    await held.deleteKeyPair({ KeyPairId: a.KeyPairId });
    expect((await admin.describeKeyPairs({})).KeyPairs?.map(({ KeyName }) => KeyName)).toContain("b");
    expect((await admin.describeKeyPairs({})).KeyPairs?.map(({ KeyName }) => KeyName)).not.toContain("a");
  });
});

/** A role's session that may do what is said here. */
async function holderOf(cauce: TestServer, Statement: readonly object[]): Promise<EC2> {
  const iam = new IAM(cauce.client);
  const document = (statements: object) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const trust = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sts:AssumeRole" };
  const { Role } = await iam.createRole({ RoleName: "holder", AssumeRolePolicyDocument: document([trust]) });
  await iam.putRolePolicy({ RoleName: "holder", PolicyName: "keys", PolicyDocument: document(Statement) });
  const credentials = await takeRole(cauce.client, Role?.Arn, "test");
  iam.destroy();
  return new EC2({
    ...cauce.client,
    credentials,
  });
}

/** An Ed25519 key as OpenSSH writes it: its kind and its bytes, each after its length. */
function sshKey(): Buffer {
  const { publicKey } = generateKeyPairSync("ed25519");
  const parts = [Buffer.from("ssh-ed25519"), publicKey.export({ type: "spki", format: "der" }).subarray(-32)];
  const blob = Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  return Buffer.from(`ssh-ed25519 ${blob.toString("base64")}`);
}
