import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { NoSuchKey, S3, S3ServiceException } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let s3: S3;
const Bucket = "conformance";

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

describe("objects, with the official client", () => {
  it("puts and gets text, bytes and streams", async () => {
    await s3.putObject({ Bucket, Key: "text", Body: "ñandú", ContentType: "text/plain", Metadata: { a: "b" } });
    const text = await s3.getObject({ Bucket, Key: "text" });
    expect(await text.Body?.transformToString()).toBe("ñandú");
    expect(text).toMatchObject({ ContentType: "text/plain", Metadata: { a: "b" }, ContentLength: 7 });
    expect(text.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);

    const bytes = randomBytes(3_000_000);
    const stream = Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]);
    await s3.putObject({ Bucket, Key: "stream", Body: stream, ContentLength: bytes.length });
    const back = await (await s3.getObject({ Bucket, Key: "stream" })).Body?.transformToByteArray();
    expect(bytes.equals(back ?? Buffer.alloc(0))).toBe(true);
  });

  it("survives odd keys", async () => {
    for (const Key of ["a b/c+d", "../x", "a//b/", "ñ/😀?x=1&y#z", "%2F%", "~!*'()", "a\u0001b"]) {
      await s3.putObject({ Bucket, Key: `odd/${Key}`, Body: Key });
      expect(await (await s3.getObject({ Bucket, Key: `odd/${Key}` })).Body?.transformToString()).toBe(Key);
    }
    const { Contents: contents = [] } = await s3.listObjectsV2({ Bucket, Prefix: "odd/", EncodingType: "url" });
    expect(contents).toHaveLength(7);
  });

  it("answers ranges with 206, conditions with 304 and 412, absence with 404", async () => {
    const { ETag } = await s3.putObject({ Bucket, Key: "k", Body: "0123456789" });
    const part = await s3.getObject({ Bucket, Key: "k", Range: "bytes=3-5" });
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect(part.ContentRange).toBe("bytes 3-5/10");
    expect(await part.Body?.transformToString()).toBe("345");
    expect(await statusOf(s3.getObject({ Bucket, Key: "k", IfNoneMatch: ETag ?? "" }))).toBe(304);
    expect(await statusOf(s3.headObject({ Bucket, Key: "k", IfNoneMatch: ETag ?? "" }))).toBe(304);
    expect(await statusOf(s3.getObject({ Bucket, Key: "k", IfMatch: '"x"' }))).toBe(412);
    expect(await statusOf(s3.headObject({ Bucket, Key: "none" }))).toBe(404);
    expect(await statusOf(s3.headBucket({ Bucket: "no-such-bucket" }))).toBe(404);
    await expect(s3.getObject({ Bucket, Key: "none" })).rejects.toBeInstanceOf(NoSuchKey);
    await expect(s3.getObject({ Bucket, Key: "none" })).rejects.toMatchObject({
      Key: "none",
      message: "The specified key does not exist.",
    });
  });

  it("checks checksums of every kind it keeps", async () => {
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
      const Key = `sum-${ChecksumAlgorithm}`;
      await s3.putObject({ Bucket, Key, Body: "abc", ChecksumAlgorithm });
      const head = await s3.headObject({ Bucket, Key, ChecksumMode: "ENABLED" });
      expect(head).toHaveProperty(`Checksum${ChecksumAlgorithm}`);
      // The client checks what it gets against this by itself.
      expect(await (await s3.getObject({ Bucket, Key, ChecksumMode: "ENABLED" })).Body?.transformToString()).toBe(
        "abc",
      );
    }
    await expect(s3.putObject({ Bucket, Key: "bad", Body: "abc", ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    expect(await statusOf(s3.headObject({ Bucket, Key: "bad" }))).toBe(404);
  });

  it("uploads in parts", async () => {
    const bytes = randomBytes(12 * 1024 * 1024);
    const upload = new Upload({
      client: s3,
      params: { Bucket, Key: "parts", Body: Readable.from(chunks(bytes)), Metadata: { big: "yes" } },
      partSize: 5 * 1024 * 1024,
    });
    const { ETag } = await upload.done();
    const md5s = [0, 5, 10].map((at) =>
      createHash("md5")
        .update(bytes.subarray(at * 1048576, (at + 5) * 1048576))
        .digest(),
    );
    expect(ETag).toBe(`"${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-3"`);
    const whole = await s3.getObject({ Bucket, Key: "parts" });
    expect(whole.Metadata).toEqual({ big: "yes" });
    expect(bytes.equals((await whole.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    const across = await s3.getObject({ Bucket, Key: "parts", Range: "bytes=5242870-5242889" });
    expect(
      bytes.subarray(5242870, 5242890).equals((await across.Body?.transformToByteArray()) ?? Buffer.alloc(0)),
    ).toBe(true);
    const second = await s3.getObject({ Bucket, Key: "parts", PartNumber: 3 });
    expect(second).toMatchObject({ PartsCount: 3, ContentLength: 2 * 1024 * 1024 });
    second.Body?.transformToByteArray();
  });

  it("copies, also onto itself when something changes", async () => {
    await s3.putObject({ Bucket, Key: "from ñ", Body: "copy me", ContentType: "text/plain", Metadata: { a: "1" } });
    const CopySource = `${Bucket}/${encodeURIComponent("from ñ")}`;
    const { CopyObjectResult: result } = await s3.copyObject({ Bucket, Key: "to", CopySource });
    expect(result?.ETag).toBe(`"${createHash("md5").update("copy me").digest("hex")}"`);
    await s3.deleteObject({ Bucket, Key: "from ñ" });
    const copied = await s3.getObject({ Bucket, Key: "to" });
    expect(await copied.Body?.transformToString()).toBe("copy me");
    expect(copied).toMatchObject({ ContentType: "text/plain", Metadata: { a: "1" } });

    const self = { Bucket, Key: "to", CopySource: `/${Bucket}/to` };
    await expect(s3.copyObject(self)).rejects.toMatchObject({ name: "InvalidRequest" });
    await s3.copyObject({ ...self, MetadataDirective: "REPLACE", Metadata: { a: "2" } });
    const changed = await s3.getObject({ Bucket, Key: "to" });
    expect(await changed.Body?.transformToString()).toBe("copy me");
    expect(changed.Metadata).toEqual({ a: "2" });
  });

  it("keeps tags", async () => {
    await s3.putObject({ Bucket, Key: "tagged", Body: "", Tagging: "a=1&b%20c=x%2By" });
    expect((await s3.getObjectTagging({ Bucket, Key: "tagged" })).TagSet).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b c", Value: "x+y" },
    ]);
    expect((await s3.getObject({ Bucket, Key: "tagged" })).TagCount).toBe(2);
    await s3.deleteObjectTagging({ Bucket, Key: "tagged" });
    expect((await s3.getObjectTagging({ Bucket, Key: "tagged" })).TagSet ?? []).toEqual([]);
  });

  it("deletes many", async () => {
    await s3.putObject({ Bucket, Key: "x<&>y", Body: "" });
    const { Deleted } = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "x<&>y" }, { Key: "none" }] } });
    expect(Deleted).toEqual([{ Key: "x<&>y" }, { Key: "none" }]);
  });
});

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

async function statusOf(request: Promise<unknown>): Promise<number | undefined> {
  try {
    await request;
    return 200;
  } catch (error) {
    if (error instanceof S3ServiceException) return error.$metadata.httpStatusCode;
    throw error;
  }
}
