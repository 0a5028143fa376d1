import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let s3: S3;

beforeAll(async () => {
  cauce = await startCauce();
  s3 = new S3(cauce.client);
});

afterAll(async () => {
  s3.destroy();
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

describe("buckets, with the official client", () => {
  it("makes, lists, heads and deletes", async () => {
    expect(await s3.createBucket({ Bucket: "first-bucket" })).toMatchObject({ Location: "/first-bucket" });
    // us-east-1 answers the owner's second CreateBucket with success.
    await s3.createBucket({ Bucket: "first-bucket" });
    const { Buckets: buckets = [], Owner: owner } = await s3.listBuckets();
    expect(buckets.map(({ Name: name }) => name)).toEqual(["first-bucket"]);
    expect(buckets[0]?.CreationDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(owner?.ID).toMatch(/^[0-9a-f]{64}$/);
    expect(await s3.headBucket({ Bucket: "first-bucket" })).toMatchObject({ BucketRegion: "us-east-1" });
    expect((await s3.getBucketLocation({ Bucket: "first-bucket" })).LocationConstraint).toBeUndefined();

    await s3.putObject({ Bucket: "first-bucket", Key: "k", Body: "x" });
    await expect(s3.deleteBucket({ Bucket: "first-bucket" })).rejects.toMatchObject({
      name: "BucketNotEmpty",
      message: "The bucket you tried to delete is not empty",
      BucketName: "first-bucket",
    });
    await s3.deleteObject({ Bucket: "first-bucket", Key: "k" });
    await s3.deleteBucket({ Bucket: "first-bucket" });
    await expect(s3.listObjectsV2({ Bucket: "first-bucket" })).rejects.toMatchObject({
      name: "NoSuchBucket",
      BucketName: "first-bucket",
    });
  });

  it("knows regions as AWS does", async () => {
    const irish = new S3({ ...cauce.client, region: "eu-west-1" });
    const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" } as const;
    await irish.createBucket({ Bucket: "irish-bucket", CreateBucketConfiguration });
    await expect(irish.createBucket({ Bucket: "irish-bucket", CreateBucketConfiguration })).rejects.toMatchObject({
      name: "BucketAlreadyOwnedByYou",
    });
    expect((await irish.getBucketLocation({ Bucket: "irish-bucket" })).LocationConstraint).toBe("eu-west-1");
    irish.destroy();
  });

  it("refuses names that AWS refuses", async () => {
    for (const Bucket of ["ab", "Upper", "under_score", "-dash", "dot..dot", "192.168.0.1", "x".repeat(64), "xn--a"]) {
      await expect(s3.createBucket({ Bucket }), Bucket).rejects.toMatchObject({ name: "InvalidBucketName" });
    }
  });

  it("keeps settings and says which are absent", async () => {
    const Bucket = "settings";
    await s3.createBucket({ Bucket });
    await expect(s3.getBucketTagging({ Bucket })).rejects.toMatchObject({ name: "NoSuchTagSet" });
    await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } });
    expect((await s3.getBucketTagging({ Bucket })).TagSet).toEqual([{ Key: "a", Value: "b" }]);

    expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration?.BlockPublicAcls).toBe(true);
    expect((await s3.getBucketEncryption({ Bucket })).ServerSideEncryptionConfiguration?.Rules).toHaveLength(1);
    expect((await s3.getBucketVersioning({ Bucket })).Status).toBeUndefined();
    expect((await s3.getBucketAcl({ Bucket })).Grants).toHaveLength(1);
    expect((await s3.getBucketOwnershipControls({ Bucket })).OwnershipControls?.Rules?.[0]?.ObjectOwnership).toBe(
      "BucketOwnerEnforced",
    );

    await s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });
    expect((await s3.getBucketNotificationConfiguration({ Bucket })).EventBridgeConfiguration).toBeDefined();
    await s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} });
    expect((await s3.getBucketNotificationConfiguration({ Bucket })).EventBridgeConfiguration).toBeUndefined();

    await expect(s3.getBucketPolicy({ Bucket })).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
    await expect(s3.getBucketLifecycleConfiguration({ Bucket })).rejects.toMatchObject({
      name: "NoSuchLifecycleConfiguration",
    });
  });

  it("refuses what would not be true", async () => {
    const Bucket = "honest";
    await s3.createBucket({ Bucket });
    const refused = { name: "NotImplemented", $metadata: { httpStatusCode: 501 } };
    const Status = "Enabled" as const;
    await expect(
      s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status, MFADelete: Status } }),
    ).rejects.toMatchObject(refused);
    await expect(
      s3.putBucketLifecycleConfiguration({
        Bucket,
        LifecycleConfiguration: {
          Rules: [{ Status, Filter: { Prefix: "" }, Transitions: [{ Days: 30, StorageClass: "GLACIER" }] }],
        },
      }),
    ).rejects.toMatchObject(refused);
    await expect(
      s3.putBucketNotificationConfiguration({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn: "arn:aws:sqs:us-east-1:000000000000:q", Events: ["s3:ObjectCreated:*"] }],
        },
      }),
    ).rejects.toMatchObject(refused);
  });
});
