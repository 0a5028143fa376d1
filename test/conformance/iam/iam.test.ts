import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { fixedClock } from "#core";
import { startCauce, type TestServer } from "#test/start-cauce";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const account = "000000000000";
const trust = (principal: object, rest: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...rest }],
  });
const own = trust({ AWS: account });
const allow = (Action: string | string[], Resource: string | string[] = "*", Effect = "Allow") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, Action, Resource }] });

let cauce: TestServer;
let iam: IAM;
let sts: STS;

beforeAll(async () => {
  cauce = await startCauce();
  iam = new IAM(cauce.client);
  sts = new STS(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

async function makeRole(RoleName: string, policy?: string, AssumeRolePolicyDocument = own): Promise<string> {
  const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument });
  if (policy) await iam.putRolePolicy({ RoleName, PolicyName: "inline", PolicyDocument: policy });
  return Role?.Arn ?? "";
}

async function assume(RoleArn: string, extra: { Policy?: string; DurationSeconds?: number; ExternalId?: string } = {}) {
  const { Credentials: c } = await sts.assumeRole({ RoleArn, RoleSessionName: "me", ...extra });
  const credentials = {
    accessKeyId: c?.AccessKeyId ?? "",
    secretAccessKey: c?.SecretAccessKey ?? "",
    sessionToken: c?.SessionToken ?? "",
  };
  return { ...cauce.client, credentials };
}

describe("roles", () => {
  it("are made, described, listed, changed and removed", async () => {
    const arn = await makeRole("Alpha");
    expect(arn).toBe(`arn:aws:iam::${account}:role/Alpha`);
    const { Role: role } = await iam.getRole({ RoleName: "Alpha" });
    expect(role).toMatchObject({ RoleName: "Alpha", Path: "/", MaxSessionDuration: 3600 });
    expect(role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? "")).toBe(own);
    await iam.tagRole({ RoleName: "Alpha", Tags: [{ Key: "team", Value: "a" }] });
    expect((await iam.listRoleTags({ RoleName: "Alpha" })).Tags).toEqual([{ Key: "team", Value: "a" }]);
    await iam.updateRole({ RoleName: "Alpha", Description: "first", MaxSessionDuration: 7200 });
    expect((await iam.getRole({ RoleName: "Alpha" })).Role).toMatchObject({
      Description: "first",
      MaxSessionDuration: 7200,
    });
    expect((await iam.listRoles({})).Roles?.map(({ RoleName }) => RoleName)).toContain("Alpha");
    await iam.deleteRole({ RoleName: "Alpha" });
    await expect(iam.getRole({ RoleName: "Alpha" })).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: "The role with name Alpha cannot be found.",
      $metadata: { httpStatusCode: 404 },
    });
  });

  it("have one name, whatever its case", async () => {
    await makeRole("Twice");
    await expect(makeRole("twice")).rejects.toMatchObject({
      name: "EntityAlreadyExistsException",
      message: "Role with name twice already exists.",
    });
  });

  it("are not removed while policies hang on them", async () => {
    await makeRole("Held", allow("s3:*"));
    await iam.attachRolePolicy({ RoleName: "Held", PolicyArn: "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess" });
    await expect(iam.deleteRole({ RoleName: "Held" })).rejects.toMatchObject({
      name: "DeleteConflictException",
      message: "Cannot delete entity, must detach all policies first.",
    });
    await iam.detachRolePolicy({ RoleName: "Held", PolicyArn: "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess" });
    await expect(iam.deleteRole({ RoleName: "Held" })).rejects.toThrow(
      "Cannot delete entity, must delete policies first.",
    );
    await iam.deleteRolePolicy({ RoleName: "Held", PolicyName: "inline" });
    await iam.deleteRole({ RoleName: "Held" });
  });

  it("refuse a malformed trust policy", async () => {
    await expect(makeRole("Bad", undefined, trust({ Service: "sagemaker" }))).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
      message: 'Invalid principal in policy: "SERVICE":"sagemaker"',
    });
  });
});

describe("managed policies", () => {
  it("have versions, one of which counts", async () => {
    const { Policy: policy } = await iam.createPolicy({ PolicyName: "P", PolicyDocument: allow("s3:GetObject") });
    const PolicyArn = policy?.Arn ?? "";
    expect(PolicyArn).toBe(`arn:aws:iam::${account}:policy/P`);
    await iam.createPolicyVersion({ PolicyArn, PolicyDocument: allow("s3:*"), SetAsDefault: true });
    expect(
      (await iam.listPolicyVersions({ PolicyArn })).Versions?.map((v) => [v.VersionId, v.IsDefaultVersion]),
    ).toEqual([
      ["v2", true],
      ["v1", false],
    ]);
    await expect(iam.deletePolicyVersion({ PolicyArn, VersionId: "v2" })).rejects.toThrow(
      "Cannot delete the default version of a policy.",
    );
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: "v1" });
    await iam.deletePolicyVersion({ PolicyArn, VersionId: "v2" });
    await makeRole("WithP");
    await iam.attachRolePolicy({ RoleName: "WithP", PolicyArn });
    expect((await iam.getPolicy({ PolicyArn })).Policy?.AttachmentCount).toBe(1);
    await expect(iam.deletePolicy({ PolicyArn })).rejects.toThrow("Cannot delete a policy attached to entities.");
    await iam.detachRolePolicy({ RoleName: "WithP", PolicyArn });
    await iam.deletePolicy({ PolicyArn });
    await expect(iam.attachRolePolicy({ RoleName: "WithP", PolicyArn })).rejects.toThrow(
      `Policy ${PolicyArn} does not exist or is not attachable.`,
    );
  });
});

describe("sessions", () => {
  it("know who they are", async () => {
    const { UserId: root } = await sts.getCallerIdentity({});
    expect(root).toBe(account);
    const session = new STS(await assume(await makeRole("Who")));
    expect(await session.getCallerIdentity({})).toMatchObject({
      Account: account,
      Arn: `arn:aws:sts::${account}:assumed-role/Who/me`,
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:me$/),
    });
  });

  it("may do what the role's policies allow, and AWS's sentence says what is missing", async () => {
    const arn = await makeRole("Reader", allow("iam:GetRole", `arn:aws:iam::${account}:role/Reader`));
    const session = new IAM(await assume(arn));
    await session.getRole({ RoleName: "Reader" });
    await expect(session.listRoles({})).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:sts::${account}:assumed-role/Reader/me is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::${account}:role/ because no identity-based policy allows the iam:ListRoles action`,
      $metadata: { httpStatusCode: 403 },
    });
    await iam.attachRolePolicy({ RoleName: "Reader", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" });
    await session.listRoles({});
    await iam.putRolePolicy({
      RoleName: "Reader",
      PolicyName: "no",
      PolicyDocument: allow("iam:ListRoles", "*", "Deny"),
    });
    await expect(session.listRoles({})).rejects.toThrow(/with an explicit deny in an identity-based policy$/);
  });

  it("may do less by a session policy, never more", async () => {
    const arn = await makeRole("Wide", allow("iam:*"));
    const narrow = new IAM(await assume(arn, { Policy: allow(["iam:GetRole", "s3:*"]) }));
    await narrow.getRole({ RoleName: "Wide" });
    await expect(narrow.listRoles({})).rejects.toThrow("because no session policy allows the iam:ListRoles action");
    const logs = new CloudWatchLogs(await assume(arn, { Policy: allow("logs:*") }));
    await expect(logs.describeLogGroups({})).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringMatching(/ because no identity-based policy allows the logs:DescribeLogGroups action$/),
    });
  });

  it("need a role that trusts them", async () => {
    const arn = await makeRole("Machine", undefined, trust({ Service: "sagemaker.amazonaws.com" }));
    await expect(assume(arn)).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:iam::${account}:root is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    });
    await expect(assume(`arn:aws:iam::${account}:role/Nobody`)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("give the external id that a role asks for", async () => {
    const condition = { Condition: { StringEquals: { "sts:ExternalId": "secret" } } };
    const arn = await makeRole("External", undefined, trust({ AWS: account }, condition));
    await expect(assume(arn)).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(assume(arn, { ExternalId: "guess" })).rejects.toMatchObject({ name: "AccessDenied" });
    await assume(arn, { ExternalId: "secret" });
  });

  it("end with their role", async () => {
    const arn = await makeRole("Gone", allow("*"));
    const session = new IAM(await assume(arn));
    await session.listRoles({});
    await iam.deleteRolePolicy({ RoleName: "Gone", PolicyName: "inline" });
    await iam.deleteRole({ RoleName: "Gone" });
    await makeRole("Gone", allow("*"));
    await expect(session.listRoles({})).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  });

  it("last no longer than the role allows", async () => {
    const arn = await makeRole("Short");
    await expect(assume(arn, { DurationSeconds: 7200 })).rejects.toThrow(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    await expect(assume(arn, { DurationSeconds: 60 })).rejects.toMatchObject({ name: "ValidationError" });
  });
});

it("survive a restart: roles, their policies, and sessions", async () => {
  const home = await mkdtemp(join(tmpdir(), "cauce-iam-"));
  try {
    const first = await startCauce({ home });
    const client = new IAM(first.client);
    const RoleName = "Kept";
    const { Role: role } = await client.createRole({ RoleName, AssumeRolePolicyDocument: own });
    await client.putRolePolicy({ RoleName, PolicyName: "p", PolicyDocument: allow("iam:GetRole") });
    const input = { RoleArn: role?.Arn ?? "", RoleSessionName: "me" };
    const { Credentials: c } = await new STS(first.client).assumeRole(input);
    await first[Symbol.asyncDispose]();

    await using second = await startCauce({ home });
    const credentials = {
      accessKeyId: c?.AccessKeyId ?? "",
      secretAccessKey: c?.SecretAccessKey ?? "",
      sessionToken: c?.SessionToken ?? "",
    };
    const session = new IAM({ ...second.client, credentials });
    expect((await session.getRole({ RoleName })).Role?.RoleId).toBe(role?.RoleId);
    await expect(session.listRoles({})).rejects.toMatchObject({ name: "AccessDenied" });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

it("says that a session expired", async () => {
  const clock = fixedClock(new Date());
  await using server = await startCauce({ clock });
  const client = new IAM(server.client);
  const { Role: role } = await client.createRole({ RoleName: "R", AssumeRolePolicyDocument: own });
  const { Credentials: c } = await new STS(server.client).assumeRole({
    RoleArn: role?.Arn ?? "",
    RoleSessionName: "me",
    DurationSeconds: 900,
  });
  clock.advance(901_000);
  const credentials = {
    accessKeyId: c?.AccessKeyId ?? "",
    secretAccessKey: c?.SecretAccessKey ?? "",
    sessionToken: c?.SessionToken ?? "",
  };
  const session = new STS({ ...server.client, credentials, systemClockOffset: 901_000 });
  await expect(session.getCallerIdentity({})).rejects.toMatchObject({ name: "ExpiredToken" });
});
