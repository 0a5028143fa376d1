import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Target, withClients } from "#aws";
import { startCauce, type TestServer } from "#test/start-cauce";
import { backUp, type KeepPlace, parsePlace, readAccess, restoreHome, writeAccess } from "../../../src/app/keep.ts";

const PLACE: KeepPlace = { bucket: "kept", prefix: "_host/" };

let store: TestServer;
let target: Target;
let folder: string;

beforeAll(async () => {
  store = await startCauce();
  const { endpoint, region, credentials } = store.client;
  target = { name: "embedded", endpoint, region, credentials };
  await new S3({ ...store.client, forcePathStyle: true }).createBucket({ Bucket: PLACE.bucket });
  folder = await mkdtemp(join(tmpdir(), "cauce-keep-"));
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

it("copies a state that is being written to, and brings back one in which nothing is missing", async () => {
  const home = join(folder, "restored");
  await withClients(target, async (aws) => {
    await using server = await startCauce();
    const s3 = new S3({ ...server.client, forcePathStyle: true });
    await s3.createBucket({ Bucket: "data" });
    for (let i = 0; i < 20; i++) await s3.putObject({ Bucket: "data", Key: `key-${i}`, Body: "first" });
    let writing = true;
    const write = async () => {
      for (let i = 0; writing; i++) {
        await s3.putObject({ Bucket: "data", Key: `key-${i % 20}`, Body: `content ${i}`.repeat(100) });
        if (i % 3 === 0) await s3.deleteObject({ Bucket: "data", Key: `key-${(i + 10) % 20}` });
      }
    };
    const writer = write();
    await backUp(aws, PLACE, server.kernel);
    const last = await backUp(aws, PLACE, server.kernel);
    writing = false;
    await writer;
    // What the second copy does not name is gone from the bucket.
    const kept = await new S3({ ...store.client, forcePathStyle: true }).listObjectsV2({ Bucket: PLACE.bucket });
    expect(kept.KeyCount).toBe(last.blobs.length + 3);
    const access = { certificate: "c", port: 1, ...server.credentials, platform: "linux-x64", version: "1" };
    await writeAccess(aws, PLACE, access);
    expect(await readAccess(aws, PLACE)).toEqual(access);
    expect(await restoreHome(aws, home, PLACE)).toBe(true);
    expect(await restoreHome(aws, home, PLACE)).toBe(false);
  });
  await using again = await startCauce({ home });
  const s3 = new S3({ ...again.client, forcePathStyle: true });
  const { Contents = [] } = await s3.listObjectsV2({ Bucket: "data" });
  expect(Contents.length).toBeGreaterThan(10);
  for (const { Key, Size } of Contents) {
    const { Body } = await s3.getObject({ Bucket: "data", Key: Key ?? "" });
    expect((await Body?.transformToString())?.length).toBe(Size);
  }
});

it("restores nothing where nothing was kept", async () => {
  const place = { ...PLACE, prefix: "elsewhere/" };
  await withClients(target, async (aws) => {
    expect(await restoreHome(aws, join(folder, "empty"), place)).toBe(false);
    expect(await readAccess(aws, place)).toBeUndefined();
  });
});

it("reads a place in S3", () => {
  expect(parsePlace("s3://b/some/where")).toEqual({ bucket: "b", prefix: "some/where/" });
  expect(parsePlace("s3://b")).toEqual({ bucket: "b", prefix: "" });
  expect(() => parsePlace("/a/folder")).toThrow("is no place in S3");
});
