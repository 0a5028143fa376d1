import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";
import { uploadFile } from "./upload-file.ts";

const MiB = 1024 * 1024;
const Bucket = "assets";

describe("uploadFile", () => {
  let cauce: TestServer;
  let folder: string;
  let s3: S3;
  let called: string[];
  beforeAll(async () => {
    cauce = await startCauce();
    folder = await mkdtemp(join(tmpdir(), "cauce-upload-"));
    s3 = new S3({ ...cauce.client, forcePathStyle: true });
    s3.middlewareStack.add(
      (next, context) => (args) => {
        called.push(String(context.commandName).replace("Command", ""));
        return next(args);
      },
      { step: "initialize" },
    );
    called = [];
    await s3.createBucket({ Bucket });
  });
  beforeEach(() => void (called = []));
  afterAll(async () => {
    s3.destroy();
    await cauce[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const fileOf = async (name: string, size: number) => {
    const file = join(folder, name);
    await writeFile(file, randomBytes(size));
    return { bucket: Bucket, key: `data/${name}`, file };
  };
  const same = async ({ key, file }: { key: string; file: string }) => {
    const { Body } = await s3.getObject({ Bucket, Key: key });
    return Buffer.from((await Body?.transformToByteArray()) ?? []).equals(await readFile(file));
  };
  const sent = (name: string) => called.filter((one) => one === name).length;

  it("puts a small file in one request, an empty one too", async () => {
    for (const size of [0, 3 * MiB]) {
      const upload = await fileOf(`small-${size}`, size);
      await uploadFile(s3, upload);
      expect(await same(upload)).toBe(true);
    }
    expect(called.filter((one) => one !== "GetObject")).toEqual(["PutObject", "PutObject"]);
  });

  it("goes on with the parts that are there after it was cut off", async () => {
    const upload = await fileOf("long", 100 * MiB);
    const cut = new AbortController();
    const attempt = uploadFile(s3, upload, { signal: cut.signal, onProgress: () => cut.abort() });
    await expect(attempt).rejects.toThrow(/abort/i);
    const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
    expect(Uploads).toHaveLength(1);
    const { Parts = [] } = await s3.listParts({ Bucket, Key: upload.key, UploadId: Uploads[0]?.UploadId });
    expect(Parts.length).toBeGreaterThan(0);
    called = [];
    const told: number[] = [];
    await uploadFile(s3, upload, { onProgress: (bytes) => told.push(bytes) });
    expect(sent("CreateMultipartUpload")).toBe(0);
    // Those on their way when it was cut off may have arrived after they were listed.
    expect(sent("UploadPart")).toBeLessThanOrEqual(7 - Parts.length);
    expect(told.at(-1)).toBe(100 * MiB);
    expect(await same(upload)).toBe(true);
    expect((await s3.listMultipartUploads({ Bucket })).Uploads ?? []).toEqual([]);
  });

  it("sends a part again that is not of this file", async () => {
    const upload = await fileOf("damaged", 33 * MiB);
    const at = { Bucket, Key: upload.key };
    const { UploadId } = await s3.createMultipartUpload({ ...at, ChecksumAlgorithm: "CRC32" });
    await s3.uploadPart({ ...at, UploadId, PartNumber: 1, Body: randomBytes(16 * MiB), ChecksumAlgorithm: "CRC32" });
    called = [];
    await uploadFile(s3, upload);
    expect(sent("UploadPart")).toBe(3);
    expect(await same(upload)).toBe(true);
  });

  it("is content when another command has completed the upload that both went on with", async () => {
    const upload = await fileOf("twice", 33 * MiB);
    const both = await Promise.allSettled([uploadFile(s3, upload), uploadFile(s3, upload)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await same(upload)).toBe(true);
  });
});
