import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { writeXlsx } from "hucre/xlsx";
import { describe, expect, it } from "vitest";
import { type Files, folder, read } from "./messy.fixture.ts";
import type { ReadOptions } from "./readers/reader.ts";

describe("dates", () => {
  it.each([
    { cells: ["31/01/2024", "01/02/2024"], value: "2024-01-31", kind: "date" },
    { cells: ["1/31/2024 5:30 PM", "2/1/2024 11:00 AM"], value: "2024-01-31 17:30:00", kind: "datetime" },
    { cells: ["31.1.2024", "1.2.2024"], value: "2024-01-31", kind: "date" },
    { cells: ["2024/01/31 08:15", "2024/02/01 09:00"], value: "2024-01-31 08:15:00", kind: "datetime" },
    { cells: ["31-Jan-2024", "1-Feb-2024"], value: "2024-01-31", kind: "date" },
    { cells: ["January 31, 2024", "February 1, 2024"], value: "2024-01-31", kind: "date" },
    { cells: ["31/12/99", "30/06/01"], value: "1999-12-31", kind: "date" },
  ])("$cells.0", async ({ cells, value, kind }) => {
    const { rows, kinds } = await read({ "t.tsv": `a\tb\n${cells.map((cell) => `${cell}\tx`).join("\n")}\n` });
    expect(kinds[0]).toBe(kind);
    expect(rows[0]?.["a"]).toBe(value);
  });

  it("says when the order is not certain, and obeys", async () => {
    const file = { "t.csv": "a,b\n01/02/2024,x\n03/04/2024,y\n" };
    const guessed = await read(file);
    expect(guessed.rows[0]?.["a"]).toBe("2024-01-02");
    expect(guessed.notes).toContain("either way");
    expect((await read(file, { dates: "day-first" })).rows[0]?.["a"]).toBe("2024-02-01");
  });
});

describe("times of day, and what other formats make of dates", () => {
  const kindsOf = async (files: Files, options: Partial<ReadOptions> = {}) => {
    const { names, kinds, formats, rows, notes } = await read(files, options);
    return { kinds: Object.fromEntries(names.map((name, i) => [name, kinds[i]])), formats, first: rows[0], notes };
  };

  it.each([
    { cells: ["08:30", "18:05"], value: "08:30:00", format: "HH:mm" },
    { cells: ["8:30:15", "24:00:00"], value: "08:30:15", format: "H:mm:ss" },
    { cells: ["9:05 PM", "12:30 am", "unknown"], value: "21:05:00", format: "h:mm a" },
    { cells: ["8h05", "18h30"], value: "08:05:00", format: "H'h'mm" },
  ])("$cells.0", async ({ cells, value, format }) => {
    const found = await kindsOf({ "t.tsv": `a\tb\n${cells.map((cell) => `${cell}\tx`).join("\n")}\n` });
    expect(found.kinds).toEqual({ a: "time", b: "text" });
    expect(found.first?.["a"]).toBe(value);
    expect(found.formats).toEqual({ a: format });
  });

  it("reads digits as a time of day where the column is called so", async () => {
    const csv = "start_time;price;opens_time\n18.05;18.05;0905\n9.30;9.30;1830\n";
    const { kinds, formats } = await kindsOf({ "t.csv": csv });
    expect(kinds).toEqual({ start_time: "time", price: "number", opens_time: "time" });
    expect(formats).toEqual({ start_time: "H.mm", opens_time: "HHmm" });
    expect((await kindsOf({ "t.csv": "time,b\n18.75,x\n9.30,y\n" })).kinds["time"]).toBe("number");
  });

  it("does not read as a date what the project calls something else", async () => {
    const csv = "time;on;at\n18.05;3/11/2024;8:30\n9.30;4/11/2024;9:30\n";
    const kinds = { time: "number", on: "category", at: "text" };
    const { first, formats } = await kindsOf({ "t.csv": csv }, { kinds });
    expect(first).toEqual({ time: 18.05, on: "3/11/2024", at: "8:30" });
    expect(formats).toEqual({});
    const asked = await kindsOf({ "t.csv": "open,b\n18.05,x\n9.30,y\n" }, { kinds: { open: "time" } });
    expect(asked.first?.["open"]).toBe("18:05:00");
  });

  it("leaves a class that is a time of day as people call it", async () => {
    const { kinds, first } = await kindsOf({ "t.csv": "slot,n\n8:30,1\n18:30,2\n" }, { target: "slot" });
    expect(kinds["slot"]).toBe("text");
    expect(first?.["slot"]).toBe("8:30");
  });

  it("decides about JSON's dates by the whole column, as about any other's", async () => {
    const rows = [
      { d: "03-11-2024", t: "08:30", at: "2024-01-31T13:45:00.250Z", in: { on: "03-11-2024" } },
      { d: "03-25-2024", t: "9:30 PM", at: "2024-02-01T13:45:00Z", in: { on: "03-12-2024" } },
    ];
    const { kinds, first, notes } = await kindsOf({ "t.json": JSON.stringify(rows) });
    expect(kinds).toEqual({ d: "date", t: "time", at: "datetime", "in.on": "date" });
    expect(first).toEqual({ d: "2024-03-11", t: "08:30:00", at: "2024-01-31 13:45:00.25", "in.on": "2024-03-11" });
    expect(notes).toContain("month/day/year");
  });

  it("takes Excel's cells for times of day, rounded to seconds", async () => {
    const rows = [
      ["on", "leaves"],
      ...[8, 13].map((hour) => [
        new Date(Date.UTC(2024, 10, hour)),
        new Date(Date.UTC(1899, 11, 31, hour, 30, 14, 999)),
      ]),
    ];
    const { kinds, first } = await kindsOf({ "t.xlsx": await writeXlsx({ sheets: [{ name: "A", rows }] }) });
    expect(kinds).toEqual({ on: "date", leaves: "time" });
    expect(first).toEqual({ on: "2024-11-08", leaves: "08:30:15" });
  });

  it("reads dates that a parquet file has as texts, and its times", async () => {
    const file = join(folder, "texts.parquet");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `COPY (SELECT * FROM (VALUES ('31/01/2024', '5', TIME '08:30:00'), ('1/2/2024', '6', TIME '09:30:00')) t(d, code, t)) TO '${file}'`,
    );
    connection.closeSync();
    const { kinds, formats } = await kindsOf({ "t.parquet": await readFile(file) });
    expect(kinds).toEqual({ d: "date", code: "text", t: "time" });
    expect(formats).toEqual({ d: "d/M/yyyy" });
  });
});
