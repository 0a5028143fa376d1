import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rootPrincipal } from "#kernel";
import { download, type S3Session } from "./download.ts";
import { ACCOUNT, type Bench, openBench, prepare, ROLE } from "./kernel.fixture.ts";
import { uploadFolder } from "./upload.ts";

let bench: Bench;
let session: S3Session;
let folder = "";

beforeAll(async () => {
  bench = await openBench();
  await prepare(bench);
  const ctx = bench.kernel.context("sagemaker", rootPrincipal(ACCOUNT));
  const role = await ctx.assume(ROLE, { service: "sagemaker.amazonaws.com", sessionName: "test" });
  session = { ctx, role, roleArn: ROLE, signal: new AbortController().signal };
  for (const [key, body] of Object.entries(OBJECTS))
    await bench.call("s3", "PutObject", { Bucket: "bucket", Key: key, Body: Buffer.from(body) });
});
afterAll(() => bench.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cauce-download-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OBJECTS: Record<string, string | Uint8Array> = {
  "data/": "",
  "data/a.csv": "a",
  "data/deep/b.csv": "b",
  "data-2.csv": "2",
  "zipped/x.csv.gz": gzipSync("unzipped"),
  "tricks/../../escaped": "x",
  "lists/list.json": JSON.stringify([{ prefix: "s3://bucket/data/" }, "a.csv", "deep/b.csv"]),
  "lists/bad.json": "{}",
};

const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
const bring = (uri: string, changes: { gzip?: boolean; type?: "S3Prefix" | "ManifestFile" } = {}) =>
  download(session, { uri: `s3://bucket/${uri}`, type: "S3Prefix", gzip: false, folder, ...changes });

describe("a channel", () => {
  it("holds what lies below its prefix, under the rest of the key", async () => {
    expect(await bring("data/")).toBe(2);
    expect(files()).toEqual(["a.csv", "deep/b.csv"]);
    expect(readFileSync(join(folder, "deep/b.csv"), "utf8")).toBe("b");
  });

  it("takes a prefix as text: part of a name, or one object", async () => {
    await bring("data");
    expect(files()).toEqual(["a.csv", "data-2.csv", "deep/b.csv"]);
    rmSync(folder, { recursive: true });
    await bring("data/a.csv");
    expect(files()).toEqual(["a.csv"]);
  });

  it("unpacks gzip, and says when it is none", async () => {
    await bring("zipped/", { gzip: true });
    expect(readFileSync(join(folder, "x.csv"), "utf8")).toBe("unzipped");
    await expect(bring("data/a.csv", { gzip: true })).rejects.toThrow(/is not gzip/);
  });

  it("follows a manifest, and says when it is none", async () => {
    expect(await bring("lists/list.json", { type: "ManifestFile" })).toBe(2);
    expect(files()).toEqual(["a.csv", "deep/b.csv"]);
    await expect(bring("lists/bad.json", { type: "ManifestFile" })).rejects.toThrow(/is not a manifest/);
  });

  it("stays in its folder, whatever the keys are", async () => {
    await expect(bring("tricks/")).rejects.toThrow(/leads out of its folder/);
  });

  it("says in AWS's words what it lacks", async () => {
    await expect(download(session, { uri: "s3://nowhere/x", type: "S3Prefix", gzip: false, folder })).rejects.toThrow(
      /^ClientError: Data download failed:NoSuchBucket: /,
    );
    await expect(bring("nothing/")).rejects.toThrow(
      `ClientError: Data download failed:No S3 objects found under S3 URL "s3://bucket/nothing/" given in input data source. Please ensure that the bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role "${ROLE}" has "s3:ListBucket" permissions on bucket "bucket".`,
    );
  });

  it("goes back to S3 as it was", async () => {
    await bring("data/");
    expect(await uploadFolder(session, folder, "s3://bucket/copy/")).toBe(2);
    const { Contents } = await bench.call("s3", "ListObjectsV2", { Bucket: "bucket", Prefix: "copy/" });
    expect(Contents?.map(({ Key }) => Key)).toEqual(["copy/a.csv", "copy/deep/b.csv"]);
  });
});
