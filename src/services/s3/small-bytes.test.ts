import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { objectBytes } from "./bytes.ts";
import { type Bench, bytesOf, openBench } from "./kernel.fixture.ts";
import { isSmall, SMALL } from "./small-bytes.ts";
import { objectKey, type S3Context } from "./state.ts";

const Bucket = "small";
let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  await bench.call("CreateBucket", { Bucket });
});
afterEach(() => bench.close());

const put = (Key: string, Body: Uint8Array | Readable, more: object = {}) =>
  bench.call("PutObject", { Bucket, Key, Body: Body as never, ...more });
const get = async (Key: string, more: object = {}) =>
  bytesOf((await bench.call("GetObject", { Bucket, Key, ...more })).Body);
const inRows = () => bench.kernel.live(objectBytes).list().filter(isSmall);
const files = () => bench.kernel.blobs.within("s3").list();

it("up to the limit lie in the database, larger ones in files; both come back, streamed or whole", async () => {
  for (const size of [0, 1, SMALL, SMALL + 1, SMALL * 5]) {
    const body = randomBytes(size);
    const pieces = Array.from({ length: Math.ceil(size / 1000) }, (_, i) => body.subarray(i * 1000, (i + 1) * 1000));
    for (const given of [body, Readable.from(pieces)]) {
      const before = { rows: inRows().length, files: files().length };
      await put(`${size}-${given === body}`, given);
      expect(inRows().length - before.rows).toBe(size <= SMALL ? 1 : 0);
      expect(files().length - before.files).toBe(size <= SMALL ? 0 : 1);
      expect(body.equals(await get(`${size}-${given === body}`))).toBe(true);
    }
  }
});

it("are read in ranges, copied, replaced and deleted, and nothing of them stays", async () => {
  await put("a", Buffer.from("0123456789"));
  expect((await get("a", { Range: "bytes=2-4" })).toString()).toBe("234");
  await bench.call("CopyObject", { Bucket, Key: "b", CopySource: `${Bucket}/a` });
  await put("a", Buffer.from("other"));
  expect(inRows()).toHaveLength(2);
  expect((await get("b")).toString()).toBe("0123456789");
  await bench.call("DeleteObject", { Bucket, Key: "a" });
  await bench.call("DeleteObjects", { Bucket, Delete: { Objects: [{ Key: "b" }] } });
  expect(bench.blobs()).toBe(0);
});

it("give way to large ones and the other way round", async () => {
  for (const size of [10, SMALL * 2, 10, SMALL * 2, 0]) {
    await put("a", Buffer.alloc(size, 5));
    expect(bench.blobs()).toBe(1);
    expect((await get("a")).equals(Buffer.alloc(size, 5))).toBe(true);
  }
});

it("leave nothing when what the client says of them is wrong, or somebody was quicker", async () => {
  await put("a", Buffer.from("first"));
  await expect(put("b", Buffer.from("x"), { ContentMD5: Buffer.alloc(16).toString("base64") })).rejects.toThrow();
  const both = [put("c", Buffer.from("1"), { IfNoneMatch: "*" }), put("c", Buffer.from("2"), { IfNoneMatch: "*" })];
  const ends = (await Promise.allSettled(both)).map(({ status }) => status);
  expect(ends.sort()).toEqual(["fulfilled", "rejected"]);
  expect(inRows()).toHaveLength(2);
});

it("are still read when their object goes away in the middle", async () => {
  const large = randomBytes(5 * 1024 ** 2);
  const { UploadId = "" } = await bench.call("CreateMultipartUpload", { Bucket, Key: "parts" });
  const Parts = [];
  for (const [index, Body] of [large, Buffer.from("the last")].entries()) {
    const at = { Bucket, Key: "parts", UploadId, PartNumber: index + 1 };
    Parts.push({ PartNumber: index + 1, ETag: (await bench.call("UploadPart", { ...at, Body })).ETag });
  }
  await bench.call("CompleteMultipartUpload", { Bucket, Key: "parts", UploadId, MultipartUpload: { Parts } });
  const { Body } = await bench.call("GetObject", { Bucket, Key: "parts" });
  await bench.call("DeleteObject", { Bucket, Key: "parts" });
  expect((await buffer(Body as Readable)).equals(Buffer.concat([large, Buffer.from("the last")]))).toBe(true);
  await expect.poll(() => bench.blobs()).toBe(0);
});

it("of a state where they were files are read, replaced and deleted as before", async () => {
  const { tables } = bench.kernel.context("s3", { type: "root", account: "000000000000", arn: "a" }) as S3Context;
  await put("old", Buffer.from("x"));
  const row = tables.objects.get(objectKey(Bucket, "old"));
  const { id, size } = await bench.kernel.blobs.within("s3").write(Buffer.from("in a file"));
  if (row) tables.objects.put(objectKey(Bucket, "old"), { ...row, pieces: [{ blob: id, size }], size });
  expect((await get("old")).toString()).toBe("in a file");
  await bench.call("CopyObject", { Bucket, Key: "copy", CopySource: `${Bucket}/old` });
  await put("old", Buffer.from("new"));
  expect((await get("copy")).toString()).toBe("in a file");
  await bench.call("DeleteObject", { Bucket, Key: "copy" });
  expect(files()).toEqual([]);
});
