import { IAM } from "@aws-sdk/client-iam";
import { GetObjectCommand, S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { STS } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";
import { until } from "./crashing.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const Bucket = "bucket";
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";

/** The clock of the machine is set, while the server runs: its clients have the same one. */
describe("the clock is set", { timeout: 60_000 }, () => {
  const home = join(mkdtempSync(join(tmpdir(), "cauce-jumps-")), "home");
  let jumped = 0;
  let cauce: TestServer;
  const clock = { now: () => new Date(Date.now() + jumped) };
  const config = () => ({ ...cauce.client, systemClockOffset: jumped });
  const s3 = () => new S3({ ...config(), forcePathStyle: true });

  beforeAll(async () => {
    await shareRuntimes(home);
    cauce = await startCauce({ home, clock });
    await s3().createBucket({ Bucket });
    await s3().putObject({ Bucket, Key: "kept", Body: "kept" });
    const iam = new IAM(config());
    const document = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
    const Principal = { Service: "sagemaker.amazonaws.com", AWS: "arn:aws:iam::000000000000:root" };
    const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
    await iam.createRole({ RoleName: "role", AssumeRolePolicyDocument: trust });
    const allow = document({ Effect: "Allow", Action: "s3:*", Resource: "*" });
    await iam.putRolePolicy({ RoleName: "role", PolicyName: "s3", PolicyDocument: allow });
  });
  afterAll(async () => {
    expect(cauce.reports).toEqual([]);
    await cauce.close();
    rmSync(join(home, ".."), { recursive: true, force: true });
  });

  it("a presigned link is good for as long as it says by the new time, and what is stored stays readable", async () => {
    jumped = 0;
    const url = await getSignedUrl(s3(), new GetObjectCommand({ Bucket, Key: "kept" }), { expiresIn: 3600 });
    const status = async () => (await fetch(url)).status;
    expect(await status()).toBe(200);
    jumped = 2 * HOUR;
    expect(await status()).toBe(403);
    jumped = -DAY;
    expect(await status()).toBe(403);
    expect((await s3().headObject({ Bucket, Key: "kept" })).ContentLength).toBe(4);
    await s3().putObject({ Bucket, Key: "kept", Body: "newer" });
    jumped = 0;
    expect((await s3().headObject({ Bucket, Key: "kept" })).ContentLength).toBe(5);
    expect(await status()).toBe(200);
  });

  it("a role's session ends when its time is over by the new clock, and not before", async () => {
    jumped = 0;
    const { Credentials } = await new STS(config()).assumeRole({
      RoleArn: "arn:aws:iam::000000000000:role/role",
      RoleSessionName: "jumps",
      DurationSeconds: 3600,
    });
    const as = () =>
      new S3({
        ...config(),
        forcePathStyle: true,
        credentials: {
          accessKeyId: Credentials?.AccessKeyId ?? "",
          secretAccessKey: Credentials?.SecretAccessKey ?? "",
          sessionToken: Credentials?.SessionToken ?? "",
        },
      }).getObject({ Bucket, Key: "kept" });
    await as();
    jumped = 2 * HOUR;
    await expect(as()).rejects.toMatchObject({ name: "ExpiredToken" });
    jumped = -DAY;
    await as();
    jumped = 0;
    await as();
  });

  it.each([
    ["ahead, past its limit", 3 * DAY, "Completed"],
    ["back", -3 * DAY, "Completed"],
  ])("a job that runs is measured by what has passed, not by the clock: set %s", async (_, by, status) => {
    jumped = 0;
    const name = `jump-${by < 0 ? "back" : "ahead"}`;
    await createJob(name, "import time; time.sleep(1.5)", 600);
    jumped = by;
    await until(async () => (await look(name)).ProcessingJobStatus !== "InProgress", 40);
    expect(await look(name)).toMatchObject({ ProcessingJobStatus: status });
  });

  it("a job that runs too long is stopped, also when the clock was set back", async () => {
    jumped = 0;
    await createJob("too-long", "import time; time.sleep(60)", 2);
    jumped = -DAY;
    await until(async () => (await look("too-long")).ProcessingJobStatus === "Stopped", 40);
  });

  const look = (ProcessingJobName: string) => new SageMaker(config()).describeProcessingJob({ ProcessingJobName });
  const createJob = (ProcessingJobName: string, script: string, MaxRuntimeInSeconds: number) =>
    new SageMaker(config()).createProcessingJob({
      ProcessingJobName,
      RoleArn: "arn:aws:iam::000000000000:role/role",
      AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["python3", "-c", script] },
      ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
      StoppingCondition: { MaxRuntimeInSeconds },
    });
});
