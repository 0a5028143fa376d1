import { expect, it } from "vitest";
import { type Cutting, toBatches } from "./batches.ts";

async function cut(text: string, cutting: Partial<Cutting>, size = 3): Promise<string[][]> {
  const chunks = (text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).map((part) => Buffer.from(part));
  const found: string[][] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const batch of toBatches(source, { byLine: true, single: false, most: 100, ...cutting }))
    found.push(batch.map(String));
  return found;
}

it.each([1, 2, 3, 100])("finds lines wherever a stream is cut (%d bytes)", async (size) => {
  expect(await cut("a,1\r\nb,22\n\nc,333", {}, size)).toEqual([["a,1", "b,22", "c,333"]]);
  expect(await cut("a\nb\n", { single: true }, size)).toEqual([["a"], ["b"]]);
  expect(await cut("", {}, size)).toEqual([]);
});

it("fills a request up to its limit, newlines counted", async () => {
  expect(await cut("aaa\nbbb\nccc\nd\n", { most: 8 })).toEqual([
    ["aaa", "bbb"],
    ["ccc", "d"],
  ]);
  expect(await cut("aaa\nbbb\nccc\n", { most: 100, wanted: 4 })).toEqual([["aaa"], ["bbb"], ["ccc"]]);
});

it("leaves an object whole that is not to be cut", async () => {
  expect(await cut("a\nb\n", { byLine: false })).toEqual([["a\nb\n"]]);
});

it("refuses what does not fit, and says how it would", async () => {
  const most = 2 ** 20;
  await expect(cut("x".repeat(most + 1), { most }, 65_536)).rejects.toThrow(
    "A record is larger than MaxPayloadInMB (1): give a larger MaxPayloadInMB.",
  );
  await expect(cut("x\n".repeat(most), { most, byLine: false }, 65_536)).rejects.toThrow(
    "The object is larger than MaxPayloadInMB (1): set SplitType to Line, or give a larger MaxPayloadInMB.",
  );
});
