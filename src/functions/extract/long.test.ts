import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "./table.ts";

const ROWS = 30_001;
/** A row that no sample of the table is likely to hold. */
const ODD = 23_457;

describe("a long table, whose columns are judged by all of their cells", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cauce-long-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const columns: readonly (readonly [name: string, cell: (i: number) => string, odd: string, kind: string])[] = [
    ["integer", (i) => String(i), "7", "integer"],
    ["number once", (i) => String(i), "1.5", "number"],
    ["code with zeros", (i) => String(10_000 + i), "00501", "text"],
    ["word among numbers", (i) => `${i}.5`, "many", "number"],
    ["beyond 2^53", (i) => String(i), "9007199254740993", "text"],
    ["dates", (i) => `2024-01-${String((i % 28) + 1).padStart(2, "0")}`, "2024-02-01", "date"],
    ["no date once", (i) => `2024-01-${String((i % 28) + 1).padStart(2, "0")}`, "2024-02-31", "text"],
    ["day first once", (i) => `0${(i % 9) + 1}/0${(i % 7) + 1}/2024`, "31/01/2024", "date"],
    ["decimal comma", (i) => `${i},5`, "1,25", "number"],
    ["booleans", (i) => String(i % 2 === 0), "true", "boolean"],
    ["no boolean once", (i) => String(i % 2 === 0), "maybe", "text"],
    ["words", (i) => `word ${i % 100}`, "5", "text"],
    ["mostly missing", (i) => (i % 50 === 0 ? "3" : ""), "4", "integer"],
    ["missing but once", () => "", "4.25", "text"],
  ];

  it("finds what one row in thousands decides", { timeout: 60_000 }, async () => {
    const file = join(folder, "source");
    const rows = Array.from({ length: ROWS }, (_, i) => columns.map(([, cell, odd]) => (i === ODD ? odd : cell(i))));
    await writeFile(file, [columns.map(([name]) => name), ...rows].map((row) => `${row.join(";")}\n`).join(""));
    const { profile } = await readTable({
      files: [{ file, name: "long.csv" }],
      name: "long.csv",
      folder,
      memoryMegabytes: 1024,
      header: true,
    });
    expect(Object.fromEntries(profile.columns.map(({ name, kind }) => [name, kind]))).toEqual(
      Object.fromEntries(columns.map(([name, , , kind]) => [name, kind])),
    );
    expect(profile.columns.find(({ name }) => name === "word among numbers")?.unread).toBe(1);
    expect(profile.columns.find(({ name }) => name === "day first once")?.max).toBe("2024-07-09");
  });
});
