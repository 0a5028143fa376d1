import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { writeZip } from "./zip.ts";

it("writes the same bytes for the same files in any order, and another program reads them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cauce-zip-"));
  try {
    const files = {
      "index.js": Buffer.from("exports.handler = 1;\n".repeat(1000)),
      "native.node": randomBytes(300_000),
      "año.txt": Buffer.alloc(0),
    };
    const entries = await Promise.all(
      Object.entries(files).map(async ([name, data], i) => {
        await writeFile(join(folder, String(i)), data);
        return { name, file: join(folder, String(i)) };
      }),
    );
    await writeZip(join(folder, "a.zip"), entries);
    await writeZip(join(folder, "b.zip"), entries.toReversed());
    const [a, b] = await Promise.all([readFile(join(folder, "a.zip")), readFile(join(folder, "b.zip"))]);
    expect(a.equals(b)).toBe(true);
    const unpacked = unzipSync(a);
    for (const [name, data] of Object.entries(files))
      expect(data.equals(unpacked[name] ?? Buffer.from("missing")), name).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
