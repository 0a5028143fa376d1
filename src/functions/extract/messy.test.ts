import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { writeXlsx } from "hucre/xlsx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CauceError } from "#core";
import type { ReadOptions } from "./readers/reader.ts";
import { readTable } from "./table.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cauce-messy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string | Uint8Array>>;

async function read(contents: Files, options: Partial<ReadOptions> & { readonly memoryMegabytes?: number } = {}) {
  const work = await mkdtemp(join(folder, "w-"));
  const files = await Promise.all(
    Object.entries(contents).map(async ([name, content], i) => {
      const file = join(work, `source-${i}`);
      await writeFile(file, content);
      return { file, name };
    }),
  );
  const request = { files, name: "t", folder: work, memoryMegabytes: 1024, header: true, ...options };
  const { parquet, profile } = await readTable(request);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const answer = await connection.runAndReadAll(`SELECT * FROM read_parquet('${parquet}')`);
  connection.closeSync();
  const names = profile.columns.map(({ name }) => name);
  const kinds = profile.columns.map(({ kind }) => kind);
  const formats = Object.fromEntries(profile.columns.flatMap(({ name, format }) => (format ? [[name, format]] : [])));
  return {
    names,
    kinds,
    formats,
    rows: answer.getRowObjectsJson(),
    notes: (profile.notes ?? []).join("\n"),
    how: profile.how,
  };
}

async function refusal(contents: Files, options: Partial<ReadOptions> & { readonly memoryMegabytes?: number } = {}) {
  const error: unknown = await read(contents, options).then(
    () => new Error("It was read."),
    (thrown: unknown) => thrown,
  );
  if (error instanceof CauceError) return `${error.explanation.code}: ${error.explanation.why}`;
  throw error;
}

describe("what stands around a table", () => {
  it("begins where the header is, below titles", async () => {
    const { names, rows, notes } = await read({ "t.csv": "Report of 2024\n\na;b;c\n1,5;2,5;x\n2,5;3,5;y\n" });
    expect(names).toEqual(["a", "b", "c"]);
    expect(rows[0]).toEqual({ a: 1.5, b: 2.5, c: "x" });
    expect(notes).toContain("above the table");
  });

  it("joins two header rows", async () => {
    const body = Array.from({ length: 6 }, (_, i) => `${i},${i + 1},${i + 2},z`).join("\n");
    const { names, kinds, notes } = await read({ "t.csv": `Q1,,Q2,who\nsales,cost,sales,\n${body}\n` });
    expect(names).toEqual(["Q1 sales", "Q1 cost", "Q2 sales", "who"]);
    expect(kinds).toEqual(["integer", "integer", "integer", "text"]);
    expect(notes).toContain("Two header rows");
  });

  it("leaves out sums and remarks below", async () => {
    const csv = `a,b,c\n${"1,2,x\n".repeat(30)}Total,60,\nSource: the office\n`;
    const { rows, kinds, notes } = await read({ "t.csv": csv });
    expect(rows).toHaveLength(30);
    expect(kinds).toEqual(["integer", "integer", "text"]);
    expect(notes).toContain("line 33");
    expect(notes).toContain('"Total"');
  });

  it("names the lines that have too many or too few cells", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => (i === 4 ? "1,2,3" : i === 20 ? "1" : "1,2"));
    expect(await refusal({ "t.csv": `a,b\n${rows.join("\n")}\n` })).toBe(
      "TableRagged: Line 6 has 3 cells, line 22 has 1 cells, but the table has 2 columns.",
    );
    expect(await refusal({ "t.csv": `a,b\n${"1,2\n".repeat(20)}"x,2\n1,2\n` })).toContain(
      "Line 22 has a quote that is never closed",
    );
  });

  it("takes a nameless column of row names, and none after a last separator", async () => {
    expect((await read({ "t.csv": "a,b\nx,1,2\ny,3,4\nz,5,6\n" })).names).toEqual(["column1", "a", "b"]);
    expect((await read({ "t.csv": "a;b;\n1;2;\n3;4;\n" })).names).toEqual(["a", "b"]);
  });
});

describe("separators and encodings", () => {
  it("separates at runs of blanks", async () => {
    const text =
      '18.0  8  307.0  12 3  "chevrolet chevelle"\n15.0  8  350.0  11 3  "buick skylark"\n9 4 ? 1 2  "fiat"\n';
    const { rows, names } = await read({ "auto.data": text }, { header: false });
    expect(names).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(rows[1]).toEqual({ 0: 15, 1: "8", 2: 350, 3: "11", 4: "3", 5: "buick skylark" });
    const tabbed = text.replaceAll('  "', '\t"');
    expect((await read({ "auto.data": tabbed }, { header: false })).names).toHaveLength(6);
  });

  it("reads UTF-16 without a mark, and gzip", async () => {
    const text = "ciudad,n\nMálaga,1\nLeón,2\n";
    expect((await read({ "t.csv": Buffer.from(text, "utf16le") })).rows[1]?.["ciudad"]).toBe("León");
    expect((await read({ "t.csv.gz": gzipSync(text) })).rows[0]?.["ciudad"]).toBe("Málaga");
  });

  it("obeys what is said of separator and encoding", async () => {
    const bytes = Buffer.from("a;b\nпривет,1;2\nмир,3;4\n", "utf8");
    const said = await read({ "t.csv": bytes }, { separator: ";", encoding: "utf-8" });
    expect(said.rows[0]).toEqual({ a: "привет,1", b: "2" });
  });
});

describe("numbers", () => {
  it.each([
    { what: "points and commas", cells: ["1,234.50", "12,000", "7"], values: [1234.5, 12000, 7] },
    { what: "commas and points", cells: ["1.234,50", "12.000", "7"], values: [1234.5, 12000, 7] },
    { what: "blanks", cells: ["1 234,5", "12 000", "7"], values: [1234.5, 12000, 7] },
    { what: "commas alone", cells: ["1,234", "12,000", "7"], values: [1234, 12000, 7] },
  ])("with thousands: $what", async ({ cells, values }) => {
    const { rows } = await read({ "t.tsv": `a\tb\n${cells.map((cell) => `${cell}\tx`).join("\n")}\n` });
    expect(rows.map((row) => row["a"])).toEqual(values);
  });

  it("reads points as thousands where another column has decimal commas", async () => {
    const { rows } = await read({ "t.csv": "a;b\n1.234;1,5\n2.000;2,25\n10;3,1\n" });
    expect(rows).toEqual([
      { a: 1234, b: 1.5 },
      { a: 2000, b: 2.25 },
      { a: 10, b: 3.1 },
    ]);
  });

  it("takes -200 for missing where it stands apart, and in that table's other columns", async () => {
    const rows = Array.from({ length: 50 }, (_, i) =>
      i % 9 === 0 ? "-200,-200,-200" : `${i / 10},${i * 30},${i - 300}`,
    );
    const csv = `co,nox,depth\n${rows.join("\n")}\n`;
    const found = await read({ "t.csv": csv });
    expect(found.rows[0]).toEqual({ co: null, nox: null, depth: "-200" });
    expect(found.notes).toContain('"co": -200 stands for no value (6 cells).');
    expect((await read({ "t.csv": csv }, { missing: [] })).rows[0]?.["co"]).toBe(-200);
    expect((await read({ "t.csv": "a,b\n7,x\n-1,none of it\n" }, { missing: ["-1", "none of it"] })).rows[1]).toEqual({
      a: null,
      b: null,
    });
  });

  it("keeps whole numbers beyond 2^53, and says so", async () => {
    for (const file of [
      { "t.csv": "id,n\n9007199254740993,1\n9007199254740995,2\n" },
      { "t.json": '[{"id": 9007199254740993, "n": 1}, {"id": 9007199254740995, "n": 2}]' },
    ]) {
      const { rows, notes } = await read(file);
      expect(rows[0]?.["id"]).toBe("9007199254740993");
      expect(notes).toContain("beyond 2^53");
    }
  });
});

describe("headers", () => {
  it("says which columns it had to name", async () => {
    const csv = await read({ "t.csv": "a,a,,b\n1,2,x,y\n3,4,z,w\n" });
    expect(csv.names).toEqual(["a", "a_2", "column3", "b"]);
    expect(csv.notes).toContain('Without a name of their own in the header, and called: "a_2", "column3".');
    const rows = [
      ["a", "A", null, "b"],
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ];
    const book = await read({ "t.xlsx": await writeXlsx({ sheets: [{ name: "S", rows }] }) });
    expect(book.notes).toContain('called: "A_2", "column3".');
    expect((await read({ "t.csv": "a,b\n1,x\n2,y\n" })).notes).toBe("");
  });
});

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

describe("workbooks and folders", () => {
  it("reads Excel's cells: errors, titles, two header rows, no header", async () => {
    const rows = [
      ["Sales"],
      ["Q1", null, "who"],
      ["sum", "cost", null],
      ...Array.from({ length: 5 }, (_, i) => [i, i === 2 ? "#DIV/0!" : i * 1.5, "x"]),
      ["Total", 10, null],
    ];
    const found = await read({ "t.xlsx": await writeXlsx({ sheets: [{ name: "A", rows }] }) });
    expect(found.names).toEqual(["Q1 sum", "Q1 cost", "who"]);
    expect(found.rows).toHaveLength(5);
    expect(found.rows[2]).toEqual({ "Q1 sum": "2", "Q1 cost": null, who: "x" });
    const bare = await writeXlsx({
      sheets: [
        {
          name: "A",
          rows: [
            [1, "x"],
            [2, "y"],
          ],
        },
      ],
    });
    expect((await read({ "t.xlsx": bare }, { header: false })).names).toEqual(["0", "1"]);
  });

  it("refuses a workbook that memory would not hold, and says what to do", async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => [i, i / 7, `text ${i}`]);
    const workbook = await writeXlsx({ sheets: [{ name: "S", rows: [["a", "b", "c"], ...rows] }] });
    const why = await refusal({ "long.xlsx": workbook }, { memoryMegabytes: 24 });
    expect(why).toMatch(/^TableTooLarge: Its cells take \d+ MB unpacked, .* at most 2 MB, which is about 0\.1 million/);
  });

  it("reads an .xls", async () => {
    const bytes = await readFile(new URL("fixtures/units.xls", import.meta.url));
    const { rows, kinds, names } = await read({ "t.xls": bytes });
    expect(names).toEqual(["id", "joined", "spent", "city"]);
    expect(kinds).toEqual(["text", "date", "number", "text"]);
    expect(rows[1]).toEqual({ id: "008", joined: "2024-02-01", spent: 2.5, city: "León" });
  });

  it("reads files with the same columns as one, and names what differs", async () => {
    const both = await read({ "a.csv": "x,y\n1,a\n2,b\n", "b.csv": "y;x\nc;3\nd;4,5\n" });
    expect(both.rows.map((row) => row["x"])).toEqual([1, 2, 3, 4.5]);
    expect(both.how?.[0]).toBe("2 files");
    expect(await refusal({ "a.csv": "x,y\n1,a\n2,b\n", "b.csv": "x,z\n1,a\n2,b\n" })).toBe(
      'SchemasDiffer: Compared with a.csv, b.csv lacks "y" and has "z" more.',
    );
  });
});
