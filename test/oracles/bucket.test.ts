import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Target, withClients } from "#aws";
import type { AssetObject } from "../../src/pipeline/assets.ts";
import { ensureBucket } from "../../src/pipeline/bucket.ts";
import { removePrefix } from "../../src/pipeline/remove-prefix.ts";
import { uploadAssets } from "../../src/pipeline/upload-assets.ts";
import { INSTALLING, oraclePython } from "./environments.ts";
import { type MotoServer, startMoto } from "./moto-server.ts";

const PLACE = { account: "123456789012", region: "us-east-1" };

/** The settings of the assets bucket: put, read and repaired against moto. */
describe("the assets bucket", () => {
  let moto: MotoServer;
  let target: Target;
  let s3: S3;
  let bucket: string;
  let count = 0;
  beforeAll(async () => {
    moto = await startMoto(await oraclePython("clouds"));
    target = { ...moto.target, account: PLACE.account };
    s3 = new S3({ ...moto.target, forcePathStyle: true, maxAttempts: 1 });
  }, INSTALLING);
  beforeEach(() => void (bucket = `cauce-${count++}-us-east-1`));
  afterAll(async () => {
    s3?.destroy();
    await moto?.close();
  });

  const objects: readonly AssetObject[] = ["a", "b"].map((name) => ({
    key: `one/data/${name}`,
    name,
    content: async () => ({ text: name }),
  }));
  /** As `up` does, but moto is reached by plain HTTP and holds everybody to the policy: it comes last. */
  const bring = () =>
    withClients(target, async (aws) => {
      const put = await uploadAssets(aws, { bucket, place: PLACE, objects }, {});
      await ensureBucket(aws, { bucket, place: PLACE, secure: true });
      return put;
    });
  const open = () => s3.deleteBucketPolicy({ Bucket: bucket });
  const settings = async () => {
    const at = { Bucket: bucket };
    const [encryption, versioning, lifecycle, access] = await Promise.all([
      s3.getBucketEncryption(at),
      s3.getBucketVersioning(at),
      s3.getBucketLifecycleConfiguration(at),
      s3.getPublicAccessBlock(at),
    ]);
    return {
      encryption: encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault,
      versioning: versioning.Status,
      rules: lifecycle.Rules ?? [],
      access: access.PublicAccessBlockConfiguration,
    };
  };

  it("is encrypted, versioned, tidied up, and nothing in it is public", async () => {
    expect(await bring()).toBe(2);
    const now = await settings();
    expect(now).toMatchObject({
      encryption: { SSEAlgorithm: "AES256" },
      versioning: "Enabled",
      access: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
    });
    expect(now.rules.map((rule) => [rule.ID, rule.Filter?.Prefix ?? ""])).toEqual([
      ["cauce-cut-off-and-replaced", ""],
      ["cauce-copies-of-state", "_host/"],
    ]);
    expect(now.rules[0]).toMatchObject({
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    });
    await open();
    expect(await bring()).toBe(0);
    expect(await settings()).toEqual(now);
  });

  it("is repaired when it was there already, and keeps what somebody put there", async () => {
    await s3.createBucket({ Bucket: bucket });
    const rule = {
      ID: "theirs",
      Status: "Enabled" as const,
      Filter: { Prefix: "shared/" },
      Expiration: { Days: 90 },
    };
    await s3.putBucketLifecycleConfiguration({ Bucket: bucket, LifecycleConfiguration: { Rules: [rule] } });
    await s3.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: "Suspended" } });
    await bring();
    const now = await settings();
    expect(now.rules.map(({ ID }) => ID)).toEqual(["theirs", "cauce-cut-off-and-replaced", "cauce-copies-of-state"]);
    expect(now.versioning).toBe("Enabled");
  });

  it("is shut to plain HTTP by its policy", async () => {
    await bring();
    await expect(s3.getObject({ Bucket: bucket, Key: "one/data/a" })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });

  it("is empty after all below a prefix was removed: versions, delete markers, what was cut off", async () => {
    await bring();
    await open();
    await s3.putObject({ Bucket: bucket, Key: "one/data/a", Body: "again" });
    await s3.deleteObject({ Bucket: bucket, Key: "one/data/b" });
    await s3.createMultipartUpload({ Bucket: bucket, Key: "one/data/c" });
    expect(await withClients(target, (aws) => removePrefix(aws, bucket, "one/"))).toBe(2);
    const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket: bucket });
    expect([...Versions, ...DeleteMarkers]).toEqual([]);
    expect((await s3.listMultipartUploads({ Bucket: bucket })).Uploads ?? []).toEqual([]);
    await s3.deleteBucket({ Bucket: bucket });
  });
});
