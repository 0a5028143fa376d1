import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";
import { filesBelow, mountTmpfs, until } from "./crashing.ts";

const MiB = 1024 * 1024;
const Bucket = "bucket";
const home = join(mkdtempSync(join(tmpdir(), "cauce-full-")), "home");
mkdirSync(home, { mode: 0o700 });
const mounted = mountTmpfs(home, "size=48m,mode=700");

describe("a disk that is full", { timeout: 60_000 }, () => {
  let cauce: TestServer;
  let s3: S3;
  const kept = randomBytes(2 * MiB);

  beforeEach(({ skip }) => {
    if (!mounted) skip("A disk that is small can only be made as root: no file system may be mounted here.");
  });
  beforeAll(async () => {
    if (!mounted) return;
    await shareRuntimes(home);
    cauce = await startCauce({ home });
    s3 = new S3({ ...cauce.client, forcePathStyle: true });
    await s3.createBucket({ Bucket });
    await s3.putObject({ Bucket, Key: "kept", Body: kept });
  });
  afterAll(async () => {
    if (mounted) await cauce.close();
    mounted?.unmount();
    rmSync(join(home, ".."), { recursive: true, force: true });
  });

  const isKept = async () => {
    const { Body } = await s3.getObject({ Bucket, Key: "kept" });
    return Buffer.from((await Body?.transformToByteArray()) ?? []).equals(kept);
  };

  it("refuses an object with a fault that names the disk; what was there stays, and smaller ones fit again", async () => {
    const big = s3.putObject({ Bucket, Key: "kept", Body: Readable.from(mebibytes(100)), ContentLength: 100 * MiB });
    await expect(big).rejects.toMatchObject({
      name: "InternalError",
      message: expect.stringMatching(/disk.*full/i) as string,
      $metadata: { httpStatusCode: 500 },
    });
    expect(await isKept()).toBe(true);
    expect((await s3.listObjectsV2({ Bucket })).Contents?.map(({ Key }) => Key)).toEqual(["kept"]);
    expect(filesBelow(join(home, "blobs/of/s3/incoming"))).toEqual([]);
    const { ETag } = await s3.putObject({ Bucket, Key: "small", Body: kept });
    expect(ETag).toBe(`"${createHash("md5").update(kept).digest("hex")}"`);
  });

  it("refuses a part of an upload the same way, and the upload goes on when there is room", async () => {
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "parts" });
    const part = (bytes: number) =>
      s3.uploadPart({ Bucket, Key: "parts", UploadId, PartNumber: 1, Body: Buffer.alloc(bytes, 1) });
    await expect(part(80 * MiB)).rejects.toMatchObject({
      name: "InternalError",
      message: expect.stringMatching(/disk/) as string,
    });
    const { ETag } = await part(MiB);
    await s3.completeMultipartUpload({
      Bucket,
      Key: "parts",
      UploadId,
      MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
    });
    expect((await s3.headObject({ Bucket, Key: "parts" })).ContentLength).toBe(MiB);
  });

  it("fails a commit with a fault that names the disk, and nothing that was acknowledged is lost", async () => {
    const name = (i: number) => `tiny-${String(i).padStart(5, "0")}`;
    await fillUp(s3);
    let acknowledged = 0;
    let refused: unknown;
    while (refused === undefined && acknowledged < 20_000) {
      // Metadata of 2 KB: what grows is the state, not the bytes.
      await s3.putObject({ Bucket, Key: name(acknowledged), Body: "", Metadata: { filler: "x".repeat(1900) } }).then(
        () => acknowledged++,
        (error: unknown) => (refused = error),
      );
    }
    expect(refused).toMatchObject({ name: "InternalError", message: expect.stringMatching(/disk/) as string });
    for (const Key of await fillers(s3)) await s3.deleteObject({ Bucket, Key });
    expect(await isKept()).toBe(true);
    for (let i = 0; i < acknowledged; i += 97) await s3.headObject({ Bucket, Key: name(i) });
    if (acknowledged > 0) await s3.headObject({ Bucket, Key: name(acknowledged - 1) });
    await s3.putObject({ Bucket, Key: "after", Body: "it goes on" });
  });

  it("fails a job that fills it, with the reason", async () => {
    await prepareRole(cauce);
    const script = "open('/opt/ml/processing/output/big', 'wb').write(bytes(200 * 1024 * 1024))";
    const sagemaker = new SageMaker(cauce.client);
    await sagemaker.createProcessingJob({
      ProcessingJobName: "fills",
      RoleArn: "arn:aws:iam::000000000000:role/job",
      AppSpecification: {
        ImageUri: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
        ContainerEntrypoint: ["python3", "-c", script],
      },
      ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: "out",
            S3Output: { S3Uri: `s3://${Bucket}/out`, LocalPath: "/opt/ml/processing/output", S3UploadMode: "EndOfJob" },
          },
        ],
      },
    });
    const look = () => sagemaker.describeProcessingJob({ ProcessingJobName: "fills" });
    await until(async () => (await look()).ProcessingJobStatus !== "InProgress", 50);
    const { ProcessingJobStatus, FailureReason, ExitMessage } = await look();
    expect(ProcessingJobStatus).toBe("Failed");
    expect(`${FailureReason} ${ExitMessage}`).toMatch(/No space left on device/);
    expect(await isKept()).toBe(true);
    await expect.poll(() => filesBelow(join(home, "jobs"))).toEqual([]);
  });
});

function* mebibytes(count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(MiB, i);
}

/** Objects until none fits any more: whole ones first, then small ones. */
async function fillUp(s3: S3): Promise<void> {
  for (const size of [4 * MiB, 256 * 1024, 16 * 1024]) {
    for (let i = 0; i < 500; i++) {
      const put = s3.putObject({ Bucket, Key: `filler-${size}-${i}`, Body: Buffer.alloc(size) });
      if (
        !(await put.then(
          () => true,
          () => false,
        ))
      )
        break;
    }
  }
}

async function fillers(s3: S3): Promise<string[]> {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket, Prefix: "filler-" });
  return Contents.flatMap(({ Key }) => Key ?? []);
}

async function prepareRole(cauce: TestServer): Promise<void> {
  const iam = new IAM(cauce.client);
  const allow = { Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" };
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [allow] });
  await iam.createRole({ RoleName: "job", AssumeRolePolicyDocument: trust });
  const s3 = { Effect: "Allow", Action: "s3:*", Resource: "*" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [s3] });
  await iam.putRolePolicy({ RoleName: "job", PolicyName: "s3", PolicyDocument });
}
