import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CauceError } from "#core";
import { DuckDBInstance } from "@duckdb/node-api";
import { writeXlsx } from "hucre/xlsx";
import type { Profile } from "./profile.ts";
import type { ReadOptions } from "./readers/reader.ts";
import { readTable } from "./table.ts";
import { checkTarget } from "./target.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cauce-extract-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Options = Partial<ReadOptions>;

async function read(
  name: string,
  content: string | Uint8Array,
  options: Options = {},
): Promise<{ profile: Profile; rows: readonly Record<string, unknown>[] }> {
  const work = await mkdtemp(join(folder, "w-"));
  const file = join(work, "source");
  await writeFile(file, content);
  const { parquet, profile } = await readTable({
    files: [{ file, name }],
    name,
    folder: work,
    memoryMegabytes: 1024,
    header: true,
    ...options,
  });
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const answer = await connection.runAndReadAll(`SELECT * FROM read_parquet('${parquet}')`);
  const rows = answer.getRowObjectsJson();
  connection.closeSync();
  return { profile, rows };
}

const kinds = (profile: Profile) => Object.fromEntries(profile.columns.map(({ name, kind }) => [name, kind]));

async function refusal(name: string, content: string | Uint8Array, options: Options = {}) {
  try {
    await read(name, content, options);
  } catch (error) {
    if (error instanceof CauceError) return error.explanation;
    throw error;
  }
  throw new Error("It was read.");
}

describe("delimited text", () => {
  it("keeps what DuckDB would guess away: yes and no, leading zeros, long digits", async () => {
    const { profile, rows } = await read("t.csv", "zip,churn,id\n00501,yes,12345678901234567890\n10001,no,1\n");
    expect(kinds(profile)).toEqual({ zip: "text", churn: "text", id: "text" });
    expect(rows[0]).toEqual({ zip: "00501", churn: "yes", id: "12345678901234567890" });
  });

  it("reads numbers around blanks and missing codes", async () => {
    const text = `n,t\n${["1", " ", "NA", "?", "NaN", "null", "-", "2.5", "1e3", ".5"].map((v) => `${v},x`).join("\n")}\n`;
    const { profile, rows } = await read("t.csv", text);
    expect(profile.columns[0]).toMatchObject({ kind: "number", missing: 6, min: 0.5, max: 1000 });
    expect(rows.map((row) => row["n"]).filter((v) => v !== null)).toEqual([1, 2.5, 1000, 0.5]);
  });

  it("takes a column as numbers when all but one in a hundred are, and says how many are not", async () => {
    const cells = Array.from({ length: 200 }, (_, i) => (i === 7 ? "about 5" : String(i)));
    const { profile } = await read("t.csv", `a,b\n${cells.map((cell) => `${cell},x`).join("\n")}\n`);
    expect(profile.columns[0]).toMatchObject({ kind: "number", missing: 1, unread: 1 });
  });

  it.each([
    [";", "decimal comma", "a;b\n1,5;x\n2,25;y\n", { a: 1.5, b: "x" }],
    ["\t", "tab", "a\tb\n1\tx\n2\ty\n", { a: "1", b: "x" }],
    ["|", "bar", "a|b\n1|x\n2|y\n", { a: "1", b: "x" }],
  ])("finds the separator %j (%s)", async (_separator, _what, text, first) => {
    expect((await read("t.txt", text)).rows[0]).toEqual(first);
  });

  it.each([
    ["UTF-8 with a mark", Buffer.from("\ufeffciudad,n\r\nMálaga,1\r\nLeón,2\r\n")],
    ["Windows-1252", Buffer.from("ciudad,n\nM\xe1laga,1\nLe\xf3n,2\n", "latin1")],
    ["UTF-16", Buffer.from("\ufeffciudad,n\nMálaga,1\nLeón,2\n", "utf16le")],
  ])("reads %s", async (_encoding, bytes) => {
    const { rows } = await read("t.csv", bytes);
    expect(rows.map((row) => row["ciudad"])).toEqual(["Málaga", "León"]);
  });

  it("reads quotes, separators and line breaks inside values", async () => {
    const { rows } = await read("t.csv", 'a,b\n"x, ""y""\nz",1\nw,2\n');
    expect(rows[0]?.["a"]).toBe('x, "y"\nz');
    expect(rows).toHaveLength(2);
  });

  it("recognises dates, times with and without a zone, and booleans", async () => {
    const { profile, rows } = await read(
      "t.csv",
      "d,t,b\n2024-01-31,2024-01-31T10:00:00+02:00,TRUE\n2024-02-01,2024-02-01 00:30,false\n",
    );
    expect(kinds(profile)).toEqual({ d: "date", t: "datetime", b: "boolean" });
    expect(rows[0]).toEqual({ d: "2024-01-31", t: "2024-01-31 08:00:00", b: true });
  });

  it("gives columns without a name one, and takes none twice", async () => {
    expect(Object.keys(kinds((await read("t.csv", "a, a ,,A\n1,2,3,4\n5,6,7,8\n")).profile))).toEqual([
      "a",
      "a_2",
      "column3",
      "A_3",
    ]);
    expect(Object.keys(kinds((await read("t.csv", "1,x\n2,y\n", { header: false })).profile))).toEqual(["0", "1"]);
  });

  it.each([
    { what: "an empty file", name: "t.csv", content: "", code: "TableEmpty", why: "It is an empty file." },
    {
      what: "a header alone",
      name: "t.csv",
      content: "a,b\n",
      code: "TableEmpty",
      why: "It has a header, but no row below it.",
    },
    {
      what: "a row with too many cells",
      name: "t.csv",
      content: `a,b\n${"1,2\n".repeat(30)}1,2,3\n`,
      code: "TableRagged",
      why: "Line 32 has 3 cells, but the table has 2 columns.",
    },
    {
      what: "a header of numbers",
      name: "t.csv",
      content: "1,2\n3,4\n",
      code: "HeaderMissing",
      why: "seems to have no header",
    },
    {
      what: "a text that calls itself Excel",
      name: "t.xlsx",
      content: "a,b\n1,2\n",
      code: "FormatBroken",
      why: "Its ending says xlsx",
    },
    {
      what: "a picture",
      name: "t",
      content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]),
      code: "FormatUnknown",
      why: "It is a picture (PNG), which is not read.",
    },
    {
      what: "a picture that calls itself a table",
      name: "t.csv",
      content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
      code: "FormatUnknown",
      why: "It is a picture (PNG), which is not read.",
    },
    {
      what: "a PDF that calls itself a table",
      name: "t.csv",
      content: "%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
      code: "FormatUnknown",
      why: "It is a PDF, which is not read.",
    },
    {
      what: "a web page that calls itself Excel",
      name: "t.xls",
      content: "<html><body><table><tr><td>a</td></tr></table></body></html>",
      code: "FormatUnknown",
      why: "It is a web page or XML, which is not read.",
    },
    {
      what: "other bytes",
      name: "t.csv",
      content: Buffer.from([1, 2, 3, 0, 0, 0, 7, 9, 9, 0, 4]),
      code: "FormatUnknown",
      why: "binary",
    },
    {
      what: "a zip that is no workbook",
      name: "t.xlsx",
      content: Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64"),
      code: "FormatBroken",
      why: "Its ending says xlsx",
    },
    {
      what: "rows with too few cells, by their lines",
      name: "t.csv",
      content: `a,b,c\n${"1,2,3\n".repeat(40)}1,2\n1\n${"1,2,3\n".repeat(40)}`,
      code: "TableRagged",
      why: "Line 42 has 2 cells, line 43 has 1 cells",
    },
  ])("refuses $what", async ({ name, content, code, why }) => {
    const explanation = await refusal(name, content);
    expect(explanation.code).toBe(code);
    expect(explanation.why).toContain(why);
    expect(explanation.fix).not.toBe("");
  });
});

describe("Excel", () => {
  const book = () =>
    writeXlsx({
      sheets: [
        { name: "About", rows: [["Made by the sales team"]] },
        {
          name: "Customers",
          rows: [
            ["Customers 2024"],
            [],
            ["id", "joined", "active", "spent"],
            ["007", new Date("2024-01-31T00:00:00Z"), true, 1.5],
            ["008", new Date("2024-02-01T00:00:00Z"), false, null],
            [null, null, null, null],
          ],
        },
        {
          name: "More",
          rows: [
            ["a", "b"],
            [1, 2],
          ],
        },
      ],
    });

  it("finds the sheet and the row where the table begins", async () => {
    const { profile, rows } = await read("t.xlsx", await book());
    expect(kinds(profile)).toEqual({ id: "text", joined: "date", active: "boolean", spent: "text" });
    expect(rows).toEqual([
      { id: "007", joined: "2024-01-31", active: true, spent: "1.5" },
      { id: "008", joined: "2024-02-01", active: false, spent: null },
    ]);
  });

  it("reads the sheet that is asked for, and names those there are", async () => {
    expect(Object.keys(kinds((await read("t.xlsx", await book(), { sheet: "More" })).profile))).toEqual(["a", "b"]);
    expect((await refusal("t.xlsx", await book(), { sheet: "Custommers" })).fix).toContain(
      '"About", "Customers", "More"',
    );
  });

  it("reads a workbook by its content whatever it is called", async () => {
    expect((await read("download", await book())).profile.rows).toBe(2);
  });
});

describe("JSON and Parquet", () => {
  it.each([
    ["t.json", '[{"a": 1, "b": "x"}, {"a": 2.5}]'],
    ["t.ndjson", '{"a": 1, "b": "x"}\n{"a": 2.5}\n'],
    ["t", '{"a": 1, "b": "x"}\n{"a": 2.5}\n'],
  ])("reads %s", async (name, text) => {
    const { profile, rows } = await read(name, text);
    expect(kinds(profile)).toEqual({ a: "number", b: "text" });
    expect(rows[1]).toEqual({ a: 2.5, b: null });
  });

  it("makes columns of what is nested, and finds the rows inside of one object", async () => {
    const { profile, rows } = await read(
      "t.json",
      '{"status": "ok", "page": {"of": 3}, "data": [{"who": {"age": 4, "home": {"town": "León"}}, "who.age": 7, "tags": ["a"]}, {"who": {"age": 5}}]}',
    );
    expect(kinds(profile)).toEqual({
      "who.age": "integer",
      "who.home.town": "text",
      "who.age_2": "integer",
      tags: "text",
    });
    expect(rows).toEqual([
      { "who.age": "4", "who.home.town": "León", "who.age_2": "7", tags: expect.stringContaining("a") },
      { "who.age": "5", "who.home.town": null, "who.age_2": null, tags: null },
    ]);
    expect(profile.notes).toEqual([
      'The rows are those in "data".',
      '"who": its fields are columns of their own, such as "who.age".',
    ]);
  });

  it("says of a damaged parquet file what it is called, not where it was put", async () => {
    await expect(read("cut.parquet", Buffer.from("PAR1xx"))).rejects.toMatchObject({
      explanation: { why: expect.not.stringContaining("/tmp/"), fix: expect.stringContaining("damaged") },
    });
  });

  it("brings a parquet file's types down to six", async () => {
    const file = join(folder, "t.parquet");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `COPY (SELECT 7::TINYINT AS i, 1.25::DECIMAL(9,2) AS d, 'nan'::FLOAT AS f, '01' AS t, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS z, [1] AS l) TO '${file}'`,
    );
    connection.closeSync();
    const { readFile } = await import("node:fs/promises");
    const { profile, rows } = await read("t.parquet", await readFile(file));
    expect(kinds(profile)).toEqual({ i: "integer", d: "number", f: "number", t: "text", z: "datetime", l: "text" });
    expect(rows[0]).toEqual({ i: "7", d: 1.25, f: null, t: "01", z: "2024-01-01 00:00:00", l: "[1]" });
  });
});

describe("checkTarget", () => {
  const why = async (text: string, target: string) => {
    const { profile } = await read("t.csv", text);
    try {
      checkTarget(profile, target);
    } catch (error) {
      if (error instanceof CauceError) return `${error.explanation.why} ${error.explanation.fix}`;
      throw error;
    }
    return "taken";
  };

  it.each([
    ["Churn", "Churn,a\nyes,1\nno,2\n", "taken"],
    ["Chrun", "Churn,a\nyes,1\nno,2\n", 'It has no column "Chrun". Did you mean "Churn"?'],
    ["price", "median house price,a\n1,1\n2,2\n", 'Did you mean "median house price"?'],
    ["zzz", "Churn,a\nyes,1\nno,2\n", "Its columns are: Churn, a."],
    ["a", "a,b\nx,1\nx,2\n", 'The column "a" is "x" in every row.'],
    ["a", "a,b\n,1\n,2\n", 'The column "a" has no value in any row.'],
    ["a", "a\nx\ny\n", "its only column"],
  ])("%s in %j", async (target, text, expected) => {
    expect(await why(text, target)).toContain(expected);
  });
});
