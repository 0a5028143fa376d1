import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readTable } from "./table.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cauce-wide-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("reads hundreds of columns in little memory, and finds what stands below them", async () => {
  const columns = Array.from({ length: 750 }, (_, at) => at);
  const rows = Array.from({ length: 60 }, (_, row) => columns.map((at) => ((row * 7 + at * 13) % 97) / 8).join(","));
  const file = join(folder, "wide.csv");
  await writeFile(
    file,
    [columns.map((at) => `c${at}`).join(","), ...rows, `Source: the office${",".repeat(749)}`].join("\n"),
  );
  const { profile } = await readTable({
    files: [{ file, name: "wide.csv" }],
    name: "wide.csv",
    folder,
    memoryMegabytes: 2048,
    header: true,
  });
  expect(profile).toMatchObject({ rows: 60, notes: ['Left out below the table: "Source: the office".'] });
  expect(profile.columns).toHaveLength(750);
  expect(profile.columns[749]).toMatchObject({ name: "c749", kind: "number", missing: 0, distinct: 60 });
}, 180_000);
