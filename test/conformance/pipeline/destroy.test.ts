import { S3 } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Target, withClients } from "#aws";
import { startCauce, type TestServer } from "#test/start-cauce";
import type { AssetObject } from "../../../src/pipeline/assets.ts";
import { destroy } from "../../../src/pipeline/destroy.ts";
import { uploadAssets } from "../../../src/pipeline/upload-assets.ts";

const PLACE = { account: "000000000000", region: "us-east-1" };
const BUCKET = "cauce-000000000000-us-east-1";
let cauce: TestServer;
let target: Target;
let s3: S3;
beforeEach(async () => {
  cauce = await startCauce();
  target = { name: "embedded", endpoint: cauce.endpoint, ...PLACE, credentials: cauce.client.credentials };
  s3 = new S3({ ...cauce.client, forcePathStyle: true });
});
afterEach(() => cauce[Symbol.asyncDispose]());

const keys = async () => (await s3.listObjectsV2({ Bucket: BUCKET })).Contents?.map(({ Key }) => Key);

/** As `up` does it first of all; `before` is called before the second object is made. */
function bringObjects(project: string, before: () => Promise<unknown> = async () => {}): Promise<number> {
  const object = (name: string, content: () => Promise<unknown>): AssetObject => ({
    key: `${project}/functions/${name}`,
    name,
    content: async () => (await content(), { text: name }),
  });
  const objects = [object("a.zip", async () => {}), object("b.zip", before)];
  return withClients(target, (aws) => uploadAssets(aws, { bucket: BUCKET, place: PLACE, objects }, {}));
}

it("takes nothing away from another project that is coming up and has no stack yet", async () => {
  await bringObjects("one");
  // The first of its objects is there already.
  await s3.putObject({ Bucket: BUCKET, Key: "two/functions/a.zip", Body: "a.zip" });
  await bringObjects("two", () => destroy(target, "one"));
  expect(await keys()).toEqual(["two/functions/a.zip", "two/functions/b.zip"]);
  await destroy(target, "two");
  expect((await s3.listBuckets({})).Buckets).toEqual([]);
});

it("of the last project takes the bucket along; who is about to put something into it makes it again", async () => {
  let times = 0;
  const emptied = async () => {
    if (++times > 1) return;
    await s3.deleteObject({ Bucket: BUCKET, Key: "two/functions/a.zip" });
    await destroy(target, "one");
    expect((await s3.listBuckets({})).Buckets).toEqual([]);
  };
  await bringObjects("two", emptied);
  expect(await keys()).toEqual(["two/functions/a.zip", "two/functions/b.zip"]);
});

it("removes the bucket also when a destroy before this one was cut off just there", async () => {
  await s3.createBucket({ Bucket: BUCKET });
  expect(await destroy(target, "one")).toBe(false);
  expect((await s3.listBuckets({})).Buckets).toEqual([]);
});

it("keeps the tables when it is told to, says so, and removes them with what was cut off when it is not", async () => {
  await bringObjects("one");
  const table = { Bucket: BUCKET, Key: "one/data/0123/table.csv" };
  await s3.putObject({ ...table, Body: "x,y\n" });
  await s3.createMultipartUpload({ Bucket: BUCKET, Key: "one/functions/extract.zip" });
  await s3.createMultipartUpload({ Bucket: BUCKET, Key: "one/data/4567/table.csv" });
  const kept: unknown[] = [];
  expect(await destroy(target, "one", { keepsData: true, onKept: (found) => kept.push(found) })).toBe(true);
  expect(kept).toEqual([{ uri: `s3://${BUCKET}/one/data/`, objects: 1, bytes: 4 }]);
  expect(await keys()).toEqual([table.Key]);
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket: BUCKET });
  expect(Uploads.map(({ Key }) => Key)).toEqual(["one/data/4567/table.csv"]);
  expect(await destroy(target, "one")).toBe(true);
  expect((await s3.listBuckets({})).Buckets).toEqual([]);
});
