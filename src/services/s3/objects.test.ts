import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./kernel.fixture.ts";

let bench: Bench;
let bucket: string;
let counter = 0;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  bucket = `objects-${++counter}`;
  await bench.call("CreateBucket", { Bucket: bucket });
});

async function text(key: string, more: object = {}): Promise<string> {
  const { Body: body } = await bench.call("GetObject", { Bucket: bucket, Key: key, ...more });
  return body instanceof Readable ? (await buffer(body)).toString() : Buffer.from(body as Uint8Array).toString();
}

const put = (Key: string, body: string, more: object = {}) =>
  bench.call("PutObject", { Bucket: bucket, Key, Body: Buffer.from(body), ...more });

describe("objects", () => {
  it("gives back bytes, headers and metadata", async () => {
    const { ETag: etag } = await put("a/b.txt", "hello", { ContentType: "text/plain", Metadata: { Colour: "blue" } });
    expect(etag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
    expect(await text("a/b.txt")).toBe("hello");
    expect(await bench.call("HeadObject", { Bucket: bucket, Key: "a/b.txt" })).toMatchObject({
      ContentLength: 5,
      ContentType: "text/plain",
      ETag: etag,
      Metadata: { colour: "blue" },
      LastModified: new Date("2026-03-01T12:00:00Z"),
      AcceptRanges: "bytes",
    });
    await put("untyped", "");
    expect(await text("untyped")).toBe("");
    expect((await bench.call("HeadObject", { Bucket: bucket, Key: "untyped" })).ContentType).toBe(
      "binary/octet-stream",
    );
  });

  it("says what does not exist, with AWS's words", async () => {
    await expect(bench.call("GetObject", { Bucket: "nowhere", Key: "a" })).rejects.toMatchObject({
      code: "NoSuchBucket",
      message: "The specified bucket does not exist",
      members: { BucketName: "nowhere" },
    });
    await expect(text("nothing")).rejects.toMatchObject({
      code: "NoSuchKey",
      message: "The specified key does not exist.",
      members: { Key: "nothing" },
    });
    await expect(put("é".repeat(513), "")).rejects.toMatchObject({ code: "KeyTooLongError" });
    await expect(put("x", "", { ExpectedBucketOwner: "111111111111" })).rejects.toMatchObject({ code: "AccessDenied" });
  });

  it("takes any bytes as a key: none is a path", async () => {
    const keys = ["../../../etc/passwd", "/", "a//b", ".", "..", "a\0b", "a", "a\u0001b", "ñ/😀", " ", "\u001f"];
    for (const key of keys) await put(key, `<${key}>`);
    for (const key of keys) expect(await text(key)).toBe(`<${key}>`);
    const { Contents: contents = [] } = await bench.call("ListObjectsV2", { Bucket: bucket });
    const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(contents.map(({ Key: key }) => key)).toEqual(inOrder);
  });

  it("replaces and deletes, bytes and all", async () => {
    const before = bench.blobs();
    await put("k", "one");
    await put("k", "two");
    expect(await text("k")).toBe("two");
    expect(bench.blobs()).toBe(before + 1);
    expect(await bench.call("DeleteObject", { Bucket: bucket, Key: "k" })).toEqual({});
    expect(await bench.call("DeleteObject", { Bucket: bucket, Key: "k" })).toEqual({});
    expect(bench.blobs()).toBe(before);
  });

  it("answers ranges", async () => {
    await put("r", "0123456789");
    const get = (range: string) => bench.call("GetObject", { Bucket: bucket, Key: "r", Range: range });
    expect(await text("r", { Range: "bytes=2-4" })).toBe("234");
    expect(await text("r", { Range: "bytes=-3" })).toBe("789");
    expect(await text("r", { Range: "bytes=7-" })).toBe("789");
    expect(await text("r", { Range: "bytes=7-100" })).toBe("789");
    expect(await text("r", { Range: "lines=1-2" })).toBe("0123456789");
    expect(await get("bytes=2-4")).toMatchObject({ ContentRange: "bytes 2-4/10", ContentLength: 3 });
    await expect(get("bytes=10-")).rejects.toMatchObject({
      code: "InvalidRange",
      status: 416,
      members: { RangeRequested: "bytes=10-", ActualObjectSize: 10 },
    });
    await expect(get("bytes=-0")).rejects.toMatchObject({ code: "InvalidRange" });
  });

  it("answers read conditions with 304 and 412", async () => {
    const { ETag: etag = "" } = await put("c", "x");
    const before = new Date("2026-03-01T11:00:00Z");
    const at = new Date("2026-03-01T12:00:00Z");
    const get = (conditions: object) => bench.call("HeadObject", { Bucket: bucket, Key: "c", ...conditions });
    const refused = async (conditions: object) =>
      get(conditions).then(
        () => 200,
        (error: { status: number }) => error.status,
      );
    expect(await refused({ IfMatch: etag })).toBe(200);
    expect(await refused({ IfMatch: etag.replaceAll('"', "") })).toBe(200);
    expect(await refused({ IfMatch: '"other"' })).toBe(412);
    expect(await refused({ IfMatch: etag, IfUnmodifiedSince: before })).toBe(200);
    expect(await refused({ IfUnmodifiedSince: before })).toBe(412);
    expect(await refused({ IfUnmodifiedSince: at })).toBe(200);
    expect(await refused({ IfNoneMatch: etag })).toBe(304);
    expect(await refused({ IfNoneMatch: "*" })).toBe(304);
    expect(await refused({ IfNoneMatch: '"other"', IfModifiedSince: at })).toBe(200);
    expect(await refused({ IfModifiedSince: at })).toBe(304);
    expect(await refused({ IfModifiedSince: before })).toBe(200);
  });

  it("overrides headers of the answer", async () => {
    await put("o", "x", { ContentType: "text/plain" });
    const answer = await bench.call("GetObject", {
      Bucket: bucket,
      Key: "o",
      ResponseContentType: "text/csv",
      ResponseContentDisposition: "attachment",
    });
    expect(answer).toMatchObject({ ContentType: "text/csv", ContentDisposition: "attachment" });
  });

  it("writes on conditions", async () => {
    const { ETag: etag } = await put("w", "1", { IfNoneMatch: "*" });
    await expect(put("w", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({
      code: "PreconditionFailed",
      status: 412,
    });
    await expect(put("w", "2", { IfMatch: '"no"' })).rejects.toMatchObject({ code: "PreconditionFailed" });
    await expect(put("other", "2", { IfMatch: '"no"' })).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(put("w", "2", { IfNoneMatch: '"x"' })).rejects.toMatchObject({ code: "NotImplemented", status: 501 });
    await put("w", "2", { IfMatch: etag });
    expect(await text("w")).toBe("2");

    const racers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => put("race", String(i), { IfNoneMatch: "*" })),
    );
    expect(racers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("checks what the client says of the bytes", async () => {
    const before = bench.blobs();
    const md5 = createHash("md5").update("abc").digest("base64");
    await put("m", "abc", { ContentMD5: md5 });
    await expect(put("m2", "abd", { ContentMD5: md5 })).rejects.toMatchObject({ code: "BadDigest" });
    await expect(put("m2", "abd", { ContentMD5: "x" })).rejects.toMatchObject({ code: "InvalidDigest" });
    await expect(put("m2", "abd", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ code: "BadDigest" });
    await expect(put("m2", "abd", { ChecksumCRC32: "short" })).rejects.toMatchObject({ code: "InvalidRequest" });
    await expect(put("m2", "abd", { ChecksumSHA256: "AAAAAA==" })).rejects.toMatchObject({ code: "InvalidRequest" });
    expect(bench.blobs()).toBe(before + 1);
    expect(await put("s", "abc", { ChecksumAlgorithm: "SHA256" })).toMatchObject({
      ChecksumSHA256: createHash("sha256").update("abc").digest("base64"),
      ChecksumType: "FULL_OBJECT",
    });
    const head = (more: object) => bench.call("HeadObject", { Bucket: bucket, Key: "s", ...more });
    expect(await head({ ChecksumMode: "ENABLED" })).toHaveProperty("ChecksumSHA256");
    expect(await head({})).not.toHaveProperty("ChecksumSHA256");
  });

  it("keeps nothing of a body that breaks off", async () => {
    const before = bench.blobs();
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(3_000_000);
        throw new Error("the line broke");
      })(),
    );
    await expect(bench.call("PutObject", { Bucket: bucket, Key: "b", Body: broken })).rejects.toThrow("the line broke");
    expect(bench.blobs()).toBe(before);
    await expect(text("b")).rejects.toMatchObject({ code: "NoSuchKey" });
  });

  it("deletes many at once, each by itself", async () => {
    await put("d1", "1");
    await put("d2", "2");
    const answer = await bench.call("DeleteObjects", {
      Bucket: bucket,
      Delete: { Objects: [{ Key: "d1" }, { Key: "none" }, { Key: "d2", ETag: '"other"' }] },
    });
    expect(answer.Deleted).toEqual([{ Key: "d1" }, { Key: "none" }]);
    expect(answer.Errors).toMatchObject([{ Key: "d2", Code: "PreconditionFailed" }]);
    const quiet = await bench.call("DeleteObjects", {
      Bucket: bucket,
      Delete: { Quiet: true, Objects: [{ Key: "d2" }] },
    });
    expect(quiet).toEqual({});
    await expect(bench.call("DeleteObjects", { Bucket: bucket, Delete: { Objects: [] } })).rejects.toMatchObject({
      code: "MalformedXML",
    });
  });

  it("refuses what it does not do", async () => {
    await expect(put("n", "", { ServerSideEncryption: "aws:kms", SSEKMSKeyId: "mine" })).rejects.toMatchObject({
      code: "NotImplemented",
    });
    await expect(put("n", "", { SSECustomerAlgorithm: "AES256" })).rejects.toMatchObject({ code: "NotImplemented" });
    await expect(put("n", "", { StorageClass: "DEEP_ARCHIVE" })).rejects.toMatchObject({ code: "NotImplemented" });
    await expect(put("n", "", { StorageClass: "nonsense" })).rejects.toMatchObject({ code: "InvalidStorageClass" });
    await expect(put("n", "", { ACL: "public-read" })).rejects.toMatchObject({ code: "AccessControlListNotSupported" });
    await expect(put("n", "", { Metadata: { big: "x".repeat(2048) } })).rejects.toMatchObject({
      code: "MetadataTooLarge",
    });
    await put("n", "", {
      ACL: "bucket-owner-full-control",
      StorageClass: "STANDARD_IA",
      ServerSideEncryption: "AES256",
    });
  });
});
