import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runningCrc64 } from "#core";
import { combineCrc } from "./crc.ts";
import { type Bench, bytesOf, openBench } from "./kernel.fixture.ts";

const FIVE_MIB = 5 * 1024 ** 2;
const Bucket = "multipart";
const Key = "k";
let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
  await bench.call("CreateBucket", { Bucket });
});
afterAll(() => bench.close());
beforeEach(() => bench.call("DeleteObject", { Bucket, Key }));

async function begin(more: object = {}): Promise<string> {
  const { UploadId: id = "" } = await bench.call("CreateMultipartUpload", { Bucket, Key, ...more });
  return id;
}

async function part(UploadId: string, PartNumber: number, body: Buffer) {
  const { ETag } = await bench.call("UploadPart", { Bucket, Key, UploadId, PartNumber, Body: body });
  return { PartNumber, ETag };
}

const complete = (UploadId: string, Parts: object[], more: object = {}) =>
  bench.call("CompleteMultipartUpload", { Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more });

async function read(more: object = {}): Promise<Buffer> {
  const { Body: body } = await bench.call("GetObject", { Bucket, Key, ...more });
  return bytesOf(body);
}

describe("multipart uploads", () => {
  const one = Buffer.alloc(FIVE_MIB, 1);
  const two = Buffer.alloc(1000, 2);

  it("make one object out of the parts that are named, and drop the others", async () => {
    const before = bench.blobs();
    const id = await begin({ ContentType: "text/csv", Metadata: { a: "b" }, Tagging: "x=y" });
    await part(id, 1, two);
    const parts = [await part(id, 1, one), await part(id, 7, two)];
    await part(id, 9, two);
    expect(bench.blobs()).toBe(before + 3);
    const { ETag: etag } = await complete(id, parts);
    const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();
    expect(etag).toBe(`"${md5(Buffer.concat([md5(one), md5(two)])).toString("hex")}-2"`);
    expect(bench.blobs()).toBe(before + 2);
    expect((await read()).equals(Buffer.concat([one, two]))).toBe(true);
    expect((await read({ Range: `bytes=${FIVE_MIB - 2}-${FIVE_MIB + 1}` })).toString("hex")).toBe("01010202");
    expect(await bench.call("HeadObject", { Bucket, Key })).toMatchObject({ ContentType: "text/csv", TagCount: 1 });
    await expect(complete(id, parts)).rejects.toMatchObject({ code: "NoSuchUpload" });
    await bench.call("DeleteObject", { Bucket, Key });
    expect(bench.blobs()).toBe(before);
  });

  it("refuse wrong parts, with AWS's codes", async () => {
    const id = await begin();
    const small = await part(id, 1, two);
    const last = await part(id, 2, two);
    await expect(complete(id, [small, last])).rejects.toMatchObject({
      code: "EntityTooSmall",
      members: { ProposedSize: 1000, MinSizeAllowed: FIVE_MIB, PartNumber: 1 },
    });
    await expect(complete(id, [last, small])).rejects.toMatchObject({ code: "InvalidPartOrder" });
    await expect(complete(id, [last, last])).rejects.toMatchObject({ code: "InvalidPartOrder" });
    await expect(complete(id, [{ ...small, ETag: "other" }])).rejects.toMatchObject({ code: "InvalidPart" });
    await expect(complete(id, [{ ...small, PartNumber: 3 }])).rejects.toMatchObject({ code: "InvalidPart" });
    await expect(complete(id, [])).rejects.toMatchObject({ code: "MalformedXML" });
    await expect(part(id, 0, two)).rejects.toMatchObject({ code: "InvalidArgument" });
    await expect(part(id, 10_001, two)).rejects.toMatchObject({ code: "InvalidArgument" });
    await expect(part("unknown", 1, two)).rejects.toMatchObject({ code: "NoSuchUpload" });
    await expect(complete(id, [small], { MpuObjectSize: 5 })).rejects.toMatchObject({ code: "InvalidRequest" });
    await complete(id, [small], { IfNoneMatch: "*" });
    const again = await begin();
    const other = await part(again, 1, two);
    await expect(complete(again, [other], { IfNoneMatch: "*" })).rejects.toMatchObject({ code: "PreconditionFailed" });
    await bench.call("AbortMultipartUpload", { Bucket, Key, UploadId: again });
  });

  it("carry checksums of the parts or of the whole", async () => {
    const crc = (bytes: Buffer) => {
      const running = runningCrc64();
      running.update(bytes);
      return running.digest();
    };
    const id = await begin({ ChecksumAlgorithm: "CRC64NVME" });
    const parts = [await part(id, 1, one), await part(id, 2, two)];
    const whole = combineCrc("CRC64NVME", [
      { digest: crc(one), size: one.length },
      { digest: crc(two), size: two.length },
    ]).toString("base64");
    await expect(complete(id, parts, { ChecksumCRC64NVME: crc(two).toString("base64") })).rejects.toMatchObject({
      code: "BadDigest",
    });
    const answer = await complete(id, parts, { ChecksumCRC64NVME: whole });
    expect(answer).toMatchObject({ ChecksumCRC64NVME: whole, ChecksumType: "FULL_OBJECT" });
    expect(crc(await read()).toString("base64")).toBe(whole);

    const composite = await begin({ ChecksumAlgorithm: "SHA256" });
    const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
    const done = await complete(composite, [await part(composite, 1, one), await part(composite, 2, two)]);
    const expected = sha(Buffer.concat([sha(one), sha(two)])).toString("base64");
    expect(done).toMatchObject({ ChecksumSHA256: `${expected}-2`, ChecksumType: "COMPOSITE" });
  });

  it("take parts from other objects", async () => {
    await bench.call("PutObject", { Bucket, Key: "source", Body: Buffer.from("0123456789") });
    const id = await begin();
    const copy = (CopySourceRange: string) =>
      bench.call("UploadPartCopy", {
        Bucket,
        Key,
        UploadId: id,
        PartNumber: 1,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      });
    await expect(copy("bytes=5-10")).rejects.toMatchObject({ code: "InvalidArgument" });
    await expect(copy("bytes=5-")).rejects.toMatchObject({ code: "InvalidArgument" });
    const { CopyPartResult: result } = await copy("bytes=2-5");
    await complete(id, [{ PartNumber: 1, ETag: result?.ETag }]);
    expect((await read()).toString()).toBe("2345");
  });

  it("are listed until they end", async () => {
    const id = await begin();
    await part(id, 1, two);
    await part(id, 2, two);
    const { Uploads: uploads } = await bench.call("ListMultipartUploads", { Bucket });
    expect(uploads).toMatchObject([{ Key, UploadId: id }]);
    const first = await bench.call("ListParts", { Bucket, Key, UploadId: id, MaxParts: 1 });
    expect(first).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: "1",
      Parts: [{ PartNumber: 1, Size: 1000 }],
    });
    const rest = await bench.call("ListParts", { Bucket, Key, UploadId: id, PartNumberMarker: "1" });
    expect(rest).toMatchObject({ IsTruncated: false, Parts: [{ PartNumber: 2 }] });
    await bench.call("AbortMultipartUpload", { Bucket, Key, UploadId: id });
    expect((await bench.call("ListMultipartUploads", { Bucket })).Uploads).toEqual([]);
  });

  it("are read to the end although the object goes away", async () => {
    const id = await begin();
    await complete(id, [await part(id, 1, one), await part(id, 2, two)]);
    const { Body: body } = await bench.call("GetObject", { Bucket, Key });
    await bench.call("DeleteObject", { Bucket, Key });
    expect((await buffer(body as Readable)).length).toBe(FIVE_MIB + 1000);
  });
});
