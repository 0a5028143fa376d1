import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bringEc2, removeEc2 } from "#app";
import type { Target } from "#aws";
import { applyPolicies, hostStatements } from "#pipeline";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";
import { ACCOUNT, assume, TRUST, watchDecisions } from "./policy-holder.ts";
import { unusedOf, type Used } from "./policy-use.ts";

const ASSETS = resolve(import.meta.dirname, "../..");
const ROLE = "operator";
const PLACE = { account: ACCOUNT, region: "us-east-1" };

/** Somebody with the policy of `cauce bootstrap ec2`, and with nothing else, brings an instance up and down; the embedded AWS enforces it. */
describe("the least policy of who makes the instance", () => {
  let base: string;
  let cauce: TestServer;
  let admin: Target;
  let operator: Target;
  let ec2: EC2;
  const used: Used[] = [];

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "cauce-host-policy-"));
    await shareRuntimes(join(base, "home"));
    watchDecisions(used);
    cauce = await startCauce({ home: join(base, "home") });
    ec2 = new EC2(cauce.client);
    await ec2.createKeyPair({ KeyName: "vockey", KeyType: "rsa" });
    admin = { name: "aws", ...PLACE, endpoint: cauce.endpoint, credentials: cauce.credentials, securesBucket: true };
  }, 60_000);

  afterAll(async () => {
    vi.restoreAllMocks();
    ec2?.destroy();
    await cauce?.[Symbol.asyncDispose]();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  it("is put into the account with a role, and put there again without a change", async () => {
    const options = { purpose: { makes: "host" as const }, role: { name: ROLE, trust: TRUST } };
    expect(new Set((await applyPolicies(admin, options)).policies.map(({ action }) => action))).toEqual(
      new Set(["created"]),
    );
    expect(new Set((await applyPolicies(admin, options)).policies.map(({ action }) => action))).toEqual(
      new Set(["unchanged"]),
    );
    operator = await assume(cauce, admin, ROLE);
  });

  it("is enough to make the instance, to replace it and to remove it", { timeout: 60_000 }, async () => {
    const options = { assets: ASSETS, onProgress: () => {} };
    const first = await bringEc2(operator, { ...options, wishes: { key: "vockey" } });
    const second = await bringEc2(operator, { ...options, wishes: { type: "t2.micro" } });
    expect(second.endpoint).toBe(first.endpoint);
    expect(await removeEc2(operator)).toBe(true);
    expect((await ec2.describeVolumes({})).Volumes).toEqual([]);
    expect(cauce.reports).toEqual([]);
  });

  it("allows nothing that is not asked for, but for what only AWS asks for", () => {
    const statements = hostStatements(PLACE).map(({ actions, resources }) => ({
      Action: actions,
      Resource: resources,
    }));
    expect(unusedOf(ROLE, statements, used)).toEqual([]);
  });

  it("reaches no other instance, volume, group or address", async () => {
    const { Instances: [other] = [] } = await ec2.runInstances({
      ImageId: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
    });
    const id = other?.InstanceId ?? "";
    const { VolumeId } = await ec2.createVolume({ AvailabilityZone: "us-east-1a", Size: 1 });
    const { GroupId } = await ec2.createSecurityGroup({ GroupName: "other", Description: "somebody's" });
    const { AllocationId } = await ec2.allocateAddress({});
    const asked = new EC2({ ...cauce.client, credentials: operator.credentials ?? cauce.credentials });
    const mine = [{ Key: "cauce:host", Value: "ec2" }];
    const denied = {
      message: expect.stringMatching(/assumed-role\/operator\/test is not authorized to perform: ec2:/),
    };
    for (const attempt of [
      asked.terminateInstances({ InstanceIds: [id] }),
      asked.createTags({ Resources: [id], Tags: mine }),
      asked.createTags({ Resources: [VolumeId ?? ""], Tags: mine }),
      asked.deleteVolume({ VolumeId }),
      asked.deleteSecurityGroup({ GroupId }),
      asked.releaseAddress({ AllocationId }),
      asked.createVolume({ AvailabilityZone: "us-east-1a", Size: 1 }),
    ])
      await expect(attempt).rejects.toMatchObject(denied);
    asked.destroy();
    await ec2.terminateInstances({ InstanceIds: [id] });
  });
});
