import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { writeXlsx } from "hucre/xlsx";
import { describe, expect, it } from "vitest";
import { read, refusal } from "./messy.fixture.ts";

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
