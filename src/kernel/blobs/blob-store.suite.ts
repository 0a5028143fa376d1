import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, it } from "vitest";
import type { BlobStore } from "./blob-store.ts";

/** What every blob store must do. `count` tells how many files or entries there are, finished or not. */
export function blobStoreSuite(open: () => Promise<{ blobs: BlobStore; count(): Promise<number> }>): void {
  it("gives back what was written, with size and md5", async () => {
    const { blobs } = await open();
    for (const bytes of [Buffer.alloc(0), Buffer.from("ñandú"), Buffer.alloc(3_000_001, 7)]) {
      const md5 = createHash("md5").update(bytes).digest("hex");
      const whole = await blobs.write(bytes);
      const streamed = await blobs.write(Readable.from(pieces(bytes, 65_000)));
      for (const blob of [whole, streamed]) {
        expect(blob).toMatchObject({ size: bytes.length, md5 });
        expect(bytes.equals(await blobs.bytes(blob.id))).toBe(true);
        expect(bytes.equals(await buffer(blobs.read(blob.id)))).toBe(true);
      }
    }
  });

  it("keeps a long stream in its order, and many at once apart", { timeout: 20_000 }, async () => {
    const { blobs } = await open();
    const long = Array.from({ length: 40 }, (_, i) => Buffer.alloc(1024 * 1024, i));
    const written = await blobs.write(Readable.from(long));
    expect(written.size).toBe(40 * 1024 * 1024);
    const back = createHash("md5");
    for await (const chunk of blobs.read(written.id)) back.update(chunk as Buffer);
    expect(back.digest("hex")).toBe(written.md5);

    const many = await Promise.all(
      Array.from({ length: 60 }, (_, i) => blobs.write(Readable.from([Buffer.alloc(i, i)]))),
    );
    for (const [i, { id }] of many.entries()) expect(Buffer.alloc(i, i).equals(await blobs.bytes(id))).toBe(true);
  });

  it("reads ranges, the end exclusive", async () => {
    const { blobs } = await open();
    const { id } = await blobs.write(Buffer.from("0123456789"));
    expect((await buffer(blobs.read(id, { start: 2, end: 5 }))).toString()).toBe("234");
    expect((await buffer(blobs.read(id, { start: 9, end: 10 }))).toString()).toBe("9");
  });

  it("finishes a read of a blob that is deleted meanwhile", async () => {
    const { blobs } = await open();
    const bytes = Buffer.alloc(2_000_000, 3);
    const { id } = await blobs.write(bytes);
    const reading = blobs.read(id);
    await blobs.delete(id);
    expect(bytes.equals(await buffer(reading))).toBe(true);
    expect(() => blobs.read(id)).toThrow();
    await blobs.delete(id);
  });

  it("leaves nothing behind when the source fails or the write is called off", async () => {
    const { blobs, count } = await open();
    const before = await count();
    const failing = Readable.from(
      (async function* () {
        yield Buffer.alloc(2_000_000);
        throw new Error("the line broke");
      })(),
    );
    await expect(blobs.write(failing)).rejects.toThrow("the line broke");

    const controller = new AbortController();
    const endless = (async function* () {
      for (let i = 0; ; i++) {
        yield Buffer.alloc(100_000);
        if (i === 20) controller.abort(new Error("called off"));
      }
    })();
    await expect(blobs.write(endless, { signal: controller.signal })).rejects.toThrow("called off");
    expect(await count()).toBe(before);
  });

  it("lists its ids", async () => {
    const { blobs } = await open();
    const written = await Promise.all(Array.from({ length: 20 }, (_, i) => blobs.write(Buffer.from([i]))));
    expect(blobs.list().sort()).toEqual(written.map(({ id }) => id).sort());
  });

  it("copies: the copy outlives the original", async () => {
    const { blobs } = await open();
    const { id } = await blobs.write(Buffer.from("twice"));
    const copy = await blobs.copy(id);
    expect(copy).not.toBe(id);
    await blobs.delete(id);
    expect(Buffer.from(await blobs.bytes(copy)).toString()).toBe("twice");
    await expect(blobs.copy(id)).rejects.toThrow();
  });

  it("keeps owners apart", async () => {
    const { blobs } = await open();
    const { id } = await blobs.within("s3").write(Buffer.from("mine"));
    await expect(blobs.bytes(id)).rejects.toThrow();
    expect(Buffer.from(await blobs.within("s3").bytes(id)).toString()).toBe("mine");
    expect(blobs.list()).toEqual([]);
    expect(() => blobs.within("../s3")).toThrow("Not an owner");
  });

  it("takes no path for an id", async () => {
    const { blobs } = await open();
    for (const id of ["../../etc/passwd", "", "incoming", "a".repeat(31)]) {
      expect(() => blobs.path(id)).toThrow("Not a blob id");
      expect(() => blobs.read(id)).toThrow("Not a blob id");
    }
  });
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
