import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let ec2: EC2;
const NAME = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

beforeAll(async () => {
  cauce = await startCauce();
  ec2 = new EC2(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

it("makes key pairs that OpenSSH takes, with the fingerprints that it computes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cauce-keys-"));
  try {
    for (const KeyType of ["ed25519", "rsa"] as const) {
      const made = await ec2.createKeyPair({ KeyName: `made-${KeyType}`, KeyType });
      const file = join(folder, KeyType);
      writeFileSync(file, made.KeyMaterial ?? "", { mode: 0o600 });
      const derived = execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" }).trim();
      const { KeyPairs = [] } = await ec2.describeKeyPairs({ KeyNames: [`made-${KeyType}`], IncludePublicKey: true });
      expect(KeyPairs[0]).toMatchObject({ KeyType, KeyPairId: made.KeyPairId, KeyFingerprint: made.KeyFingerprint });
      expect(KeyPairs[0]?.PublicKey?.split(" ").slice(0, 2)).toEqual(derived.split(" ").slice(0, 2));
      expect(made.KeyFingerprint).toBe(fingerprintOf(file, KeyType));
      const imported = await ec2.importKeyPair({
        KeyName: `imported-${KeyType}`,
        PublicKeyMaterial: Buffer.from(derived),
      });
      expect(imported.KeyFingerprint).toBe(KeyType === "ed25519" ? made.KeyFingerprint : md5Of(file));
    }
    await expect(ec2.createKeyPair({ KeyName: "made-rsa" })).rejects.toMatchObject({
      name: "InvalidKeyPair.Duplicate",
    });
    await ec2.deleteKeyPair({ KeyName: "made-rsa" });
    await expect(ec2.describeKeyPairs({ KeyNames: ["made-rsa"] })).rejects.toMatchObject({
      name: "InvalidKeyPair.NotFound",
      message: "The key pair 'made-rsa' does not exist",
    });
    await expect(
      ec2.importKeyPair({ KeyName: "broken", PublicKeyMaterial: Buffer.from("ssh-rsa AAAA") }),
    ).rejects.toMatchObject({ name: "InvalidKey.Format" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** With openssl, as AWS's user guide says to check. */
function fingerprintOf(file: string, type: string): string {
  if (type === "ed25519") {
    const said = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" });
    return `${/SHA256:(\S+)/.exec(said)?.[1]}=`;
  }
  const der = execFileSync("openssl", [
    "pkcs8",
    "-in",
    file,
    "-inform",
    "PEM",
    "-outform",
    "DER",
    "-topk8",
    "-nocrypt",
  ]);
  return digest("sha1", der);
}

function md5Of(file: string): string {
  return digest("md5", execFileSync("openssl", ["rsa", "-in", file, "-pubout", "-outform", "DER"], { stdio: "pipe" }));
}

function digest(algorithm: string, input: Buffer): string {
  return execFileSync("openssl", [algorithm, "-c"], { input, encoding: "utf8" }).trim().split(/[ =]+/).at(-1) ?? "";
}

it("keeps security groups as AWS shows them", async () => {
  const { Vpcs: [vpc] = [] } = await ec2.describeVpcs({ Filters: [{ Name: "is-default", Values: ["true"] }] });
  const { GroupId = "" } = await ec2.createSecurityGroup({
    GroupName: "web",
    Description: "the web",
    VpcId: vpc?.VpcId,
  });
  const rule = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [rule] });
  await expect(ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [rule] })).rejects.toMatchObject({
    name: "InvalidPermission.Duplicate",
    message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW" already exists',
  });
  const { SecurityGroups: [found] = [] } = await ec2.describeSecurityGroups({ GroupIds: [GroupId] });
  expect(found).toMatchObject({ GroupName: "web", IpPermissions: [rule], IpPermissionsEgress: [{ IpProtocol: "-1" }] });
  await expect(ec2.createSecurityGroup({ GroupName: "web", Description: "x" })).rejects.toMatchObject({
    name: "InvalidGroup.Duplicate",
  });
  await ec2.deleteSecurityGroup({ GroupId });
  await expect(ec2.describeSecurityGroups({ GroupIds: [GroupId] })).rejects.toMatchObject({
    name: "InvalidGroup.NotFound",
  });
});

it("refuses an image of which nothing would run, with the reason", async () => {
  await expect(ec2.runInstances({ ImageId: "ami-0abcdef1234567890", MinCount: 1, MaxCount: 1 })).rejects.toMatchObject({
    name: "InvalidAMIID.NotFound",
    message: expect.stringContaining("nothing would run of it"),
  });
  await expect(
    ec2.runInstances({ ImageId: NAME, InstanceType: "t4g.micro", MinCount: 1, MaxCount: 1 }),
  ).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: expect.stringContaining("arm64"),
  });
  await expect(
    ec2.runInstances({ ImageId: NAME, InstanceType: "t3.micro", KeyName: "vockey", MinCount: 1, MaxCount: 1 }),
  ).rejects.toMatchObject({ name: "InvalidKeyPair.NotFound" });
  await expect(
    ec2.runInstances({ ImageId: NAME, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, DryRun: true }),
  ).rejects.toMatchObject({ name: "DryRunOperation" });
});

it("runs an instance's user data as a process, and shows its console", { timeout: 30_000 }, async () => {
  const script = `#!/bin/bash
echo "hello from $0"
mkdir -p "$CAUCE_INSTANCE/var/lib/cloud/instance"; touch "$CAUCE_INSTANCE/var/lib/cloud/instance/boot-finished"
exec sleep 1000
`;
  const { Instances: [made] = [] } = await ec2.runInstances({
    ImageId: NAME,
    InstanceType: "t3.micro",
    MinCount: 1,
    MaxCount: 1,
    UserData: Buffer.from(script).toString("base64"),
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: "one" }] }],
  });
  expect(made?.State).toEqual({ Code: 0, Name: "pending" });
  const id = made?.InstanceId ?? "";
  await until(id, "running");
  await expect.poll(() => statusOf(id)).toBe("ok");
  const { Output = "" } = await ec2.getConsoleOutput({ InstanceId: id });
  expect(Buffer.from(Output, "base64").toString()).toContain("hello from ");
  const { Reservations: [reservation] = [] } = await ec2.describeInstances({
    Filters: [{ Name: "tag:Name", Values: ["o*"] }],
  });
  expect(reservation?.Instances?.[0]).toMatchObject({
    InstanceId: id,
    PublicIpAddress: expect.stringMatching(/^127\./),
  });

  await ec2.stopInstances({ InstanceIds: [id] });
  await until(id, "stopped");
  await expect(ec2.rebootInstances({ InstanceIds: [id] })).rejects.toMatchObject({ name: "IncorrectInstanceState" });
  await ec2.startInstances({ InstanceIds: [id] });
  await until(id, "running");

  const { VolumeId = "" } = await ec2.createVolume({ AvailabilityZone: "us-east-1a", Size: 1 });
  await ec2.attachVolume({ InstanceId: id, VolumeId, Device: "/dev/sdf" });
  await expect(ec2.deleteVolume({ VolumeId })).rejects.toMatchObject({ name: "VolumeInUse" });
  const { AllocationId = "", PublicIp } = await ec2.allocateAddress({ Domain: "vpc" });
  await ec2.associateAddress({ AllocationId, InstanceId: id });
  expect((await ec2.describeAddresses({ AllocationIds: [AllocationId] })).Addresses?.[0]).toMatchObject({
    InstanceId: id,
    PublicIp,
  });

  const { TerminatingInstances } = await ec2.terminateInstances({ InstanceIds: [id] });
  expect(TerminatingInstances?.[0]?.CurrentState?.Name).toBe("shutting-down");
  await until(id, "terminated");
  expect((await ec2.describeVolumes({ VolumeIds: [VolumeId] })).Volumes?.[0]?.State).toBe("available");
  await ec2.deleteVolume({ VolumeId });
  await ec2.releaseAddress({ AllocationId });
});

async function until(id: string, state: string): Promise<void> {
  const ask = async () =>
    (await ec2.describeInstances({ InstanceIds: [id] })).Reservations?.[0]?.Instances?.[0]?.State?.Name;
  await expect.poll(ask, { timeout: 10_000 }).toBe(state);
}

async function statusOf(id: string): Promise<string | undefined> {
  const { InstanceStatuses: [found] = [] } = await ec2.describeInstanceStatus({ InstanceIds: [id] });
  return found?.InstanceStatus?.Status;
}

it("hands an instance its role's credentials, to those who show its secret only", { timeout: 30_000 }, async () => {
  const iam = new IAM(cauce.client);
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  await iam.createRole({
    RoleName: "host",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  await iam.createInstanceProfile({ InstanceProfileName: "host" });
  await iam.addRoleToInstanceProfile({ InstanceProfileName: "host", RoleName: "host" });
  await expect(iam.deleteRole({ RoleName: "host" })).rejects.toMatchObject({ name: "DeleteConflictException" });
  const script = `#!/bin/sh
curl -s -w ' %{http_code}\n' -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
curl -s -w ' %{http_code}\n' -H "Authorization: guessed" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
`;
  const launch = { ImageId: NAME, InstanceType: "t3.micro" as const, MinCount: 1, MaxCount: 1 };
  await expect(ec2.runInstances({ ...launch, IamInstanceProfile: { Name: "none" } })).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: expect.stringContaining("Invalid IAM Instance Profile name"),
  });
  const { Instances: [made] = [] } = await ec2.runInstances({
    ...launch,
    IamInstanceProfile: { Name: "host" },
    UserData: Buffer.from(script).toString("base64"),
  });
  const id = made?.InstanceId ?? "";
  // The script ends, and the instance runs on, as on AWS.
  await expect.poll(() => statusOf(id), { timeout: 10_000 }).toBe("ok");
  const { Output = "" } = await ec2.getConsoleOutput({ InstanceId: id });
  const [mine = "", guessed] = Buffer.from(Output, "base64").toString().split("\n").slice(1);
  const given = JSON.parse(mine.slice(0, mine.lastIndexOf(" "))) as Record<string, string>;
  expect(guessed).toBe('{"Code":"NotFound"} 404');
  const credentials = {
    accessKeyId: given["AccessKeyId"] ?? "",
    secretAccessKey: given["SecretAccessKey"] ?? "",
    sessionToken: given["Token"] ?? "",
  };
  const asked = new EC2({ ...cauce.client, credentials });
  // It is the role's session, and the role may do nothing.
  await expect(asked.describeInstances({})).rejects.toMatchObject({
    message: expect.stringContaining(`assumed-role/host/${id} is not authorized to perform: ec2:DescribeInstances`),
  });
  await ec2.terminateInstances({ InstanceIds: [id] });
  await until(id, "terminated");
});

it("boots again what ran when the server stopped, and ends what was on its way", { timeout: 30_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), "cauce-ec2-"));
  try {
    const script =
      "#!/bin/sh\necho booted\nmkdir -p var/lib/cloud/instance\n: > var/lib/cloud/instance/boot-finished\nexec sleep 1000\n";
    let id = "";
    {
      await using first = await startCauce({ home });
      const there = new EC2(first.client);
      const { Instances: [made] = [] } = await there.runInstances({
        ImageId: NAME,
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        UserData: Buffer.from(script).toString("base64"),
      });
      id = made?.InstanceId ?? "";
      await expect.poll(() => processesIn(home)).toHaveLength(1);
    }
    expect(processesIn(home)).toEqual([]);
    await using second = await startCauce({ home });
    const there = new EC2(second.client);
    const state = async () =>
      (await there.describeInstances({ InstanceIds: [id] })).Reservations?.[0]?.Instances?.[0]?.State?.Name;
    await expect.poll(state, { timeout: 10_000 }).toBe("running");
    await expect.poll(() => processesIn(home)).toHaveLength(1);
    expect(second.kernel.interrupted).toEqual([]);
    const { Output = "" } = await there.getConsoleOutput({ InstanceId: id });
    expect(
      Buffer.from(Output, "base64")
        .toString()
        .match(/^booted$/gm),
    ).toHaveLength(2);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

/** By their working directories, as far as there is a /proc. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}
