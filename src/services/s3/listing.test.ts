import fc from "fast-check";
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
  bucket = `listing-${++counter}`;
  await bench.call("CreateBucket", { Bucket: bucket });
});

const fill = (keys: readonly string[]) =>
  Promise.all(keys.map((Key) => bench.call("PutObject", { Bucket: bucket, Key, Body: Buffer.alloc(0) })));

/** All pages, one after the other. */
async function pages(more: object): Promise<string[][]> {
  const found: string[][] = [];
  let token: string | undefined;
  do {
    const page = await bench.call("ListObjectsV2", {
      Bucket: bucket,
      ...more,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const keys = (page.Contents ?? []).map(({ Key: key = "" }) => key);
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix: prefix = "" }) => `${prefix}…`);
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    found.push([...keys, ...prefixes]);
    token = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(token !== undefined);
  } while (token !== undefined);
  return found;
}

describe("listing", () => {
  it("folds what shares a prefix", async () => {
    await fill(["a", "b/1", "b/2", "b/c/3", "c", "d/4"]);
    expect(await pages({ Delimiter: "/" })).toEqual([["a", "c", "b/…", "d/…"]]);
    expect(await pages({ Delimiter: "/", Prefix: "b/" })).toEqual([["b/1", "b/2", "b/c/…"]]);
    expect(await pages({ Prefix: "b/c" })).toEqual([["b/c/3"]]);
    expect(await pages({ Delimiter: "/", MaxKeys: 1 })).toEqual([["a"], ["b/…"], ["c"], ["d/…"]]);
    expect(await pages({ StartAfter: "b/2" })).toEqual([["b/c/3", "c", "d/4"]]);
  });

  it("finds every key once, whatever keys, prefix, delimiter and page size", async () => {
    const piece = fc.constantFrom("a", "b", "/", "ñ", "\u{10ffff}", "\0", "\u0001", "😀");
    const text = (min: number, max: number) =>
      fc.array(piece, { minLength: min, maxLength: max }).map((all) => all.join(""));
    const asked = fc.record({
      keys: fc.uniqueArray(text(1, 5), { maxLength: 25 }),
      prefix: text(0, 1),
      delimiter: fc.constantFrom("", "/", "a", "😀"),
      size: fc.integer({ min: 1, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ keys, prefix, delimiter, size }) => {
        bucket = `listing-${++counter}`;
        await bench.call("CreateBucket", { Bucket: bucket });
        await fill(keys);
        const expected = new Set<string>();
        for (const key of keys.filter((one) => one.startsWith(prefix))) {
          const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
          expected.add(at < 0 ? key : `${key.slice(0, at + delimiter.length)}…`);
        }
        const found = (await pages({ Prefix: prefix, Delimiter: delimiter, MaxKeys: size })).flat();
        expect(found.toSorted()).toEqual([...expected].toSorted());
      }),
      { numRuns: 25 },
    );
  });

  it("jumps over a prefix with many keys", async () => {
    await fill(Array.from({ length: 100 }, (_, i) => `many/${i}`).concat("z"));
    expect(await pages({ Delimiter: "/" })).toEqual([["z", "many/…"]]);
  });

  it("is encoded when asked, and refuses nonsense", async () => {
    await fill(["a b/ñ+"]);
    const list = (more: object) => bench.call("ListObjectsV2", { Bucket: bucket, ...more });
    expect((await list({ EncodingType: "url" })).Contents?.[0]?.Key).toBe("a+b/%C3%B1%2B");
    await expect(list({ EncodingType: "utf" })).rejects.toMatchObject({ code: "InvalidArgument" });
    await expect(list({ MaxKeys: -1 })).rejects.toMatchObject({ code: "InvalidArgument" });
    await expect(list({ ContinuationToken: "rubbish" })).rejects.toMatchObject({ code: "InvalidArgument" });
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    expect((await list({ MaxKeys: 5000 })).MaxKeys).toBe(1000);
  });

  it("has the older form, with markers", async () => {
    await fill(["a", "b/1", "c"]);
    const first = await bench.call("ListObjects", { Bucket: bucket, Delimiter: "/", MaxKeys: 2 });
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: "b/" });
    const second = await bench.call("ListObjects", { Bucket: bucket, Delimiter: "/", Marker: "b/" });
    expect(second.Contents?.map(({ Key: key }) => key)).toEqual(["c"]);
    expect(second.CommonPrefixes).toEqual([]);
  });
});
