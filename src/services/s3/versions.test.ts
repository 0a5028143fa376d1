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
  bucket = `versions-${++counter}`;
  await bench.call("CreateBucket", { Bucket: bucket });
});

const put = (Key: string, body: string, more: object = {}) =>
  bench.call("PutObject", { Bucket: bucket, Key, Body: Buffer.from(body), ...more });
const remove = (Key: string, VersionId?: string) =>
  bench.call("DeleteObject", { Bucket: bucket, Key, ...(VersionId !== undefined && { VersionId }) });
const version = (Status: "Enabled" | "Suspended") =>
  bench.call("PutBucketVersioning", { Bucket: bucket, VersioningConfiguration: { Status } });

async function text(Key: string, VersionId?: string): Promise<string> {
  const asked = { Bucket: bucket, Key, ...(VersionId !== undefined && { VersionId }) };
  const { Body: body } = await bench.call("GetObject", asked);
  return body instanceof Readable ? (await buffer(body)).toString() : Buffer.from(body as Uint8Array).toString();
}

/** The versions as they are listed, `marker` for delete markers, the newest with a star. */
async function listed(more: object = {}) {
  const page = await bench.call("ListObjectVersions", { Bucket: bucket, ...more });
  return [
    ...(page.Versions ?? []).map((one) => `${one.Key} ${one.Size}${one.IsLatest ? "*" : ""}`),
    ...(page.DeleteMarkers ?? []).map((one) => `${one.Key} marker${one.IsLatest ? "*" : ""}`),
  ];
}

describe("a bucket with versioning", () => {
  it("keeps what is replaced, each under its own id", async () => {
    await version("Enabled");
    const one = await put("a", "1");
    const two = await put("a", "22");
    expect(one.VersionId).toHaveLength(32);
    expect(one.VersionId).not.toBe(two.VersionId);
    expect(await text("a")).toBe("22");
    expect(await text("a", one.VersionId)).toBe("1");
    expect(await bench.call("HeadObject", { Bucket: bucket, Key: "a" })).toMatchObject({ VersionId: two.VersionId });
    expect(await listed()).toEqual(["a 2*", "a 1"]);
    expect(await bench.call("GetBucketVersioning", { Bucket: bucket })).toEqual({ Status: "Enabled" });
  });

  it("lays a delete marker over what is deleted, and takes it away again", async () => {
    await version("Enabled");
    const { VersionId: kept } = await put("a", "1");
    const gone = await remove("a");
    expect(gone).toEqual({ VersionId: expect.any(String), DeleteMarker: true });
    await expect(text("a")).rejects.toMatchObject({
      code: "NoSuchKey",
      headers: { "x-amz-delete-marker": "true", "x-amz-version-id": gone.VersionId },
    });
    await expect(text("a", gone.VersionId)).rejects.toMatchObject({ code: "MethodNotAllowed", status: 405 });
    expect(await text("a", kept)).toBe("1");
    expect((await bench.call("ListObjectsV2", { Bucket: bucket })).KeyCount).toBe(0);
    expect(await listed()).toEqual(["a 1", "a marker*"]);
    expect(await remove("a", gone.VersionId)).toEqual({ VersionId: gone.VersionId, DeleteMarker: true });
    expect(await text("a")).toBe("1");
    expect(await listed()).toEqual(["a 1*"]);
  });

  it("makes a marker for what never was", async () => {
    await version("Enabled");
    expect((await remove("nothing")).DeleteMarker).toBe(true);
    expect(await listed()).toEqual(["nothing marker*"]);
  });

  it("brings back the version below when the newest is removed, and removes its bytes", async () => {
    await version("Enabled");
    const before = bench.blobs();
    await put("a", "1");
    const { VersionId: newest } = await put("a", "22");
    await remove("a", newest);
    expect(await text("a")).toBe("1");
    expect(bench.blobs() - before).toBe(1);
    expect(await remove("a", newest)).toEqual({ VersionId: newest });
  });

  it("counts what was there before as the version null", async () => {
    await put("a", "old");
    await version("Enabled");
    expect(await bench.call("HeadObject", { Bucket: bucket, Key: "a" })).toMatchObject({ VersionId: "null" });
    expect(await listed()).toEqual(["a 3*"]);
    await put("a", "1");
    expect(await text("a", "null")).toBe("old");
    expect(await listed()).toEqual(["a 1*", "a 3"]);
    await remove("a", "null");
    expect(await listed()).toEqual(["a 1*"]);
  });

  it("replaces only the version null while it is suspended", async () => {
    await version("Enabled");
    const { VersionId: kept } = await put("a", "1");
    await version("Suspended");
    const before = bench.blobs();
    expect((await put("a", "22")).VersionId).toBeUndefined();
    await put("a", "333");
    expect(bench.blobs() - before).toBe(1);
    expect(await listed()).toEqual(["a 3*", "a 1"]);
    expect(await remove("a")).toEqual({ VersionId: "null", DeleteMarker: true });
    expect(await listed()).toEqual(["a 1", "a marker*"]);
    await version("Enabled");
    await put("a", "4444");
    expect(await listed()).toEqual(["a 4*", "a 1", "a marker"]);
    expect(await remove("a", "null")).toEqual({ VersionId: "null", DeleteMarker: true });
    expect(await text("a", kept)).toBe("1");
  });

  it("says which versions there are not", async () => {
    await version("Enabled");
    const { VersionId: id = "" } = await put("a", "1");
    const other = id.slice(0, 11) + "x".repeat(21);
    await expect(text("a", other)).rejects.toMatchObject({ code: "NoSuchVersion", status: 404 });
    await expect(text("a", "null")).rejects.toMatchObject({ code: "NoSuchVersion" });
    await expect(text("a", "what?")).rejects.toMatchObject({
      code: "InvalidArgument",
      message: "Invalid version id specified",
    });
  });

  it("is not removed while only versions are left", async () => {
    await version("Enabled");
    const { VersionId: id } = await put("a", "1");
    const { VersionId: marker } = await remove("a");
    await expect(bench.call("DeleteBucket", { Bucket: bucket })).rejects.toMatchObject({
      code: "BucketNotEmpty",
      message: "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
    });
    const { Deleted: deleted } = await bench.call("DeleteObjects", {
      Bucket: bucket,
      Delete: {
        Objects: [
          { Key: "a", VersionId: id },
          { Key: "a", VersionId: marker },
        ],
      },
    });
    expect(deleted).toEqual([
      { Key: "a", VersionId: id },
      { Key: "a", VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    ]);
    await bench.call("DeleteBucket", { Bucket: bucket });
  });

  it("restores an older version by a copy, and tags each by itself", async () => {
    await version("Enabled");
    const { VersionId: old } = await put("a", "1", { Tagging: "age=old" });
    await put("a", "22");
    const copied = await bench.call("CopyObject", {
      Bucket: bucket,
      Key: "a",
      CopySource: `${bucket}/a?versionId=${old}`,
    });
    expect(copied.CopySourceVersionId).toBe(old);
    expect(await text("a", copied.VersionId)).toBe("1");
    await bench.call("PutObjectTagging", {
      Bucket: bucket,
      Key: "a",
      VersionId: old,
      Tagging: { TagSet: [{ Key: "age", Value: "older" }] },
    });
    const tags = async (more: object = {}) =>
      (await bench.call("GetObjectTagging", { Bucket: bucket, Key: "a", ...more })).TagSet;
    expect(await tags()).toEqual([{ Key: "age", Value: "old" }]);
    expect(await tags({ VersionId: old })).toEqual([{ Key: "age", Value: "older" }]);
  });

  it("writes conditionally on the newest: under a delete marker there is nothing", async () => {
    await version("Enabled");
    await put("a", "1");
    await expect(put("a", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({ code: "PreconditionFailed" });
    await remove("a");
    await put("a", "2", { IfNoneMatch: "*" });
    expect(await text("a")).toBe("2");
  });

  it("refuses what it does not do, by name", async () => {
    const asked = { Status: "Enabled", MFADelete: "Enabled" } as const;
    await expect(
      bench.call("PutBucketVersioning", { Bucket: bucket, VersioningConfiguration: asked }),
    ).rejects.toMatchObject({ code: "NotImplemented", message: expect.stringContaining("MFADelete") });
    await expect(version("On" as "Enabled")).rejects.toMatchObject({ code: "MalformedXML" });
  });
});

describe("ListObjectVersions", () => {
  /** All pages, as a client goes through them. */
  async function pages(more: object = {}): Promise<string[]> {
    const seen: string[] = [];
    let next: object | undefined = {};
    while (next) {
      const page: Awaited<ReturnType<typeof bench.call<"ListObjectVersions">>> = await bench.call(
        "ListObjectVersions",
        { Bucket: bucket, ...more, ...next },
      );
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        seen.push(`${Key} ${VersionId}`);
      }
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}`));
      next = page.IsTruncated
        ? {
            KeyMarker: page.NextKeyMarker,
            ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
          }
        : undefined;
    }
    return seen;
  }

  it("goes through all versions in pages of any size, in the order of keys", async () => {
    for (const key of ["a", "a\u0001", "a\u001fb", "a/x", "z\u{10ffff}", "b"]) await put(key, "before");
    await version("Enabled");
    for (const key of ["a", "b", "c/1", "c/2", "a\u001f", "z\u{10ffff}"]) {
      await put(key, "1");
      await put(key, "2");
      await remove(key);
    }
    const all = await pages({ MaxKeys: 1000 });
    const keys = [...new Set(all.map((one) => one.slice(0, one.lastIndexOf(" "))))];
    const sorted = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect((await pages({ MaxKeys: 1 })).map((one) => one.slice(0, one.lastIndexOf(" ")))).toEqual(
      sorted.flatMap((key) => all.filter((one) => one.startsWith(`${key} `)).map(() => key)),
    );
    expect(all).toHaveLength(6 * 3 + 6);
    for (const MaxKeys of [1, 2, 3, 5, 7]) {
      expect((await pages({ MaxKeys })).toSorted()).toEqual(all.toSorted());
    }
  });

  it("gathers common prefixes, with and without versions before", async () => {
    await put("old/1", "1");
    await put("old/2", "1");
    await version("Enabled");
    await put("new/1", "1");
    await remove("new/1");
    await put("top", "1");
    for (const MaxKeys of [1, 2, 1000]) {
      const seen = await pages({ Delimiter: "/", MaxKeys });
      expect(seen.map((one) => one.split(" ")[0])).toEqual(
        MaxKeys === 1000 ? ["top", "new/", "old/"] : expect.arrayContaining(["new/", "old/", "top"]),
      );
      expect(seen).toHaveLength(3);
    }
    expect(await listed({ Prefix: "new/" })).toEqual(["new/1 1", "new/1 marker*"]);
  });

  it("loses nothing to a client that deletes page by page", async () => {
    await put("a", "0");
    await version("Enabled");
    for (const body of ["1", "22", "333"]) await put("a", body);
    await version("Suspended");
    await put("a", "4444");
    let next: object = {};
    for (let count = 0; count < 4; count++) {
      const page = await bench.call("ListObjectVersions", { Bucket: bucket, MaxKeys: 1, ...next });
      expect(page.Versions?.[0]?.IsLatest).toBe(true);
      await remove("a", page.Versions?.[0]?.VersionId);
      next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
    await bench.call("DeleteBucket", { Bucket: bucket });
  });

  it("refuses markers that cannot be", async () => {
    const id = "0".repeat(32);
    const list = (more: object) => bench.call("ListObjectVersions", { Bucket: bucket, ...more });
    await expect(list({ VersionIdMarker: id })).rejects.toMatchObject({
      message: "A version-id marker cannot be specified without a key marker.",
    });
    await expect(list({ KeyMarker: "a", VersionIdMarker: "" })).rejects.toMatchObject({
      message: "A version-id marker cannot be empty.",
    });
    await expect(list({ KeyMarker: "a", VersionIdMarker: "nonexistent" })).rejects.toMatchObject({
      code: "InvalidArgument",
    });
  });
});
