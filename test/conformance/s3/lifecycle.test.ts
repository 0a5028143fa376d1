import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let s3: S3;
const Bucket = "lively";

beforeAll(async () => {
  cauce = await startCauce();
  s3 = new S3(cauce.client);
  await s3.createBucket({ Bucket });
});

afterAll(async () => {
  s3.destroy();
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

it("keeps lifecycle rules as they were put, and says by which an object goes", async () => {
  const Rules = [
    {
      ID: "all",
      Status: "Enabled" as const,
      Filter: { And: { Prefix: "a/", Tags: [{ Key: "k", Value: "v" }], ObjectSizeLessThan: 10 } },
      Expiration: { Date: new Date("2020-01-01T00:00:00Z") },
      NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 3 },
    },
    {
      ID: "uploads",
      Status: "Disabled" as const,
      Filter: { Prefix: "" },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      Expiration: { ExpiredObjectDeleteMarker: true },
    },
  ];
  const put = await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
  expect(put.TransitionDefaultMinimumObjectSize).toBe("all_storage_classes_128K");
  expect((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules).toEqual(Rules);

  await s3.putObject({ Bucket, Key: "a/x", Body: "x" });
  expect((await s3.putObject({ Bucket, Key: "a/gone", Body: "x", Tagging: "k=v" })).Expiration).toBe(
    'expiry-date="Wed, 01 Jan 2020 00:00:00 GMT", rule-id="all"',
  );
  await s3.deleteBucketLifecycle({ Bucket });
  await expect(s3.getBucketLifecycleConfiguration({ Bucket })).rejects.toMatchObject({
    name: "NoSuchLifecycleConfiguration",
  });
});
