import { mkdtempSync, rmSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CallAnswer, Caller } from "#aws";
import { CauceError } from "#core";
import type { BatchContext, ReadEvent } from "./events.ts";
import type { OutputFormat } from "./formats.ts";
import { endpointDoor } from "./model-door.ts";
import { readRows } from "./read-rows.ts";
import { writeAnswers } from "./write-answers.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "cauce-batch-"))));
afterEach(() => rmSync(root, { recursive: true }));

/** An object store that is a folder. */
const aws: Caller = {
  json: () => Promise.reject(new Error("Nothing is asked of SageMaker here.")),
  async request({ method, path, body }): Promise<CallAnswer> {
    const file = join(root, path);
    if (method === "PUT") {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, body ?? "");
      return { status: 200, headers: {}, body: Buffer.alloc(0) };
    }
    const found = await readFile(file).catch(() => undefined);
    return { status: found ? 200 : 404, headers: {}, body: found ?? Buffer.alloc(0) };
  },
  download: (bucket, key, file) => copyFile(join(root, bucket, key), file),
};

const RUN = "s3://b/p/predictions/r";
const FEATURES = {
  version: 1,
  target: { name: "y", task: "binary", classes: ["no", "yes"], positive: "yes" },
  fields: [
    { name: "n", kind: "number" },
    { name: "code", kind: "category", categories: ["007", "8"] },
    { name: "on", kind: "datetime" },
    { name: "ok", kind: "boolean" },
  ],
  features: [{ name: "n", field: "n", encoding: "number" }],
  ignored: ["id"],
};

async function read(
  csv: string,
  format: OutputFormat = "csv",
  features: object = FEATURES,
  more: Partial<ReadEvent> = {},
) {
  const context = await contextOf();
  await aws.request({
    host: "s3",
    method: "PUT",
    path: "/b/p/predictions/r/model.json",
    body: JSON.stringify(features),
  });
  await aws.request({ host: "s3", method: "PUT", path: "/b/p/predictions/r/source/t.csv", body: csv });
  const source = { SourceUri: `${RUN}/source/t.csv`, SourceName: "t.csv" };
  const said = await readRows(context, {
    Action: "read",
    RunUri: RUN,
    ...source,
    Format: format,
    Header: true,
    ...more,
  });
  const { parts } = JSON.parse(await textOf("read.json")) as { parts: { name: string }[] };
  const sent = (await Promise.all(parts.map(({ name }) => textOf(`in/${name}`)))).flatMap(
    (text) => JSON.parse(text) as object[],
  );
  return { said, sent, parts };
}

async function contextOf(): Promise<BatchContext> {
  const folder = mkdtempSync(join(root, "work-"));
  return { aws, folder, door: endpointDoor(aws, "p"), temporary: root, memoryMegabytes: 1024 };
}

const textOf = (name: string) => readFile(join(root, "b/p/predictions/r", name), "utf8");

async function write(format: OutputFormat, parts: readonly { readonly name: string }[], answers: readonly unknown[]) {
  for (const { name } of parts)
    await aws.request({
      host: "s3",
      method: "PUT",
      path: `/b/p/predictions/r/out/${name}.out`,
      body: JSON.stringify(answers),
    });
  return writeAnswers(await contextOf(), { Action: "write", RunUri: RUN, Format: format });
}

describe("what a model is sent", () => {
  it("numbers and dates as they were understood, codes as they stand there, nothing else", async () => {
    const { sent, said } = await read('id;n;code;on;ok;y\n1;"1,5";007;31.12.2024;true;no\n2;"2,5";8;30.12.2024;;yes\n');
    expect(sent).toEqual([
      { n: 1.5, code: "007", on: "2024-12-31", ok: true },
      { n: 2.5, code: "8", on: "2024-12-30", ok: null },
    ]);
    expect(said).toMatchObject({ rows: 2, columns: 6, refused: 0, parts: 1 });
  });

  it("dates that could be meant either way, as in the model's table; times, and dates that are numbers", async () => {
    const fields = [
      { name: "on", kind: "datetime", format: "dd/MM/yyyy" },
      { name: "made", kind: "datetime", format: "M/d/yy" },
      { name: "leaves", kind: "time", format: "h:mm a" },
      { name: "since", kind: "datetime", format: "epoch seconds" },
      { name: "price", kind: "number" },
    ];
    const csv =
      "on,made,leaves,since,price\n03/11/2024,3/11/24,9:05 PM,1706708700,18:05\n04/11/2024,4/11/24,8:05 AM,1706708701,9\n";
    const { sent, said } = await read(csv, "csv", { ...FEATURES, fields });
    expect(sent).toEqual([{ on: "2024-11-04", made: "2024-04-11", leaves: "08:05:00", since: 1706708701, price: "9" }]);
    expect(said.refused).toBe(1);
  });

  it("numbers in the model's unit bare, in its notation where both could be meant; another unit is refused", async () => {
    const fields = [
      { name: "price", kind: "number", format: "#.##0,000 €" },
      { name: "cost", kind: "number", format: "€ #,##0.00" },
      { name: "plain", kind: "number" },
      { name: "band", kind: "category", categories: ["5 %", "7 %"] },
    ];
    const csv = "price;cost;plain;band\n1,234 €;€ 1,50;7;5 %\n5 €;€ 2,50;9;7 %\n";
    const { sent } = await read(csv, "csv", { ...FEATURES, fields });
    expect(sent).toEqual([
      { price: 1.234, cost: 1.5, plain: 7, band: "5 %" },
      { price: 5, cost: 2.5, plain: 9, band: "7 %" },
    ]);
    const other = await read("price;cost;plain;band\n$ 7;€ 5;7;x\n$ 9;€ 7;9;x\n", "csv", { ...FEATURES, fields });
    expect([other.said.refused, other.sent]).toEqual([2, []]);
    const mixed = await read("price;cost;plain;band\n7 €;€ 5;€ 7;x\n$ 9;€ 7;9;x\n8;€ 7;9;x\n", "csv", {
      ...FEATURES,
      fields,
    });
    expect([mixed.said.refused, mixed.sent]).toEqual([2, [{ price: "8", cost: 7, plain: "9", band: "x" }]]);
  });

  it("each date by itself where not all of a column are some", async () => {
    const fields = [{ name: "on", kind: "datetime", format: "dd/MM/yyyy" }];
    const { sent, said } = await read("on,y\n03/11/2024,no\nsoon,yes\n04/11/2024,no\n", "csv", { ...FEATURES, fields });
    expect(sent).toEqual([{ on: "03/11/2024" }, { on: "04/11/2024" }]);
    expect(said.refused).toBe(1);
  });

  it("a cell that is no number is an error also where nearly all are", async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${i},8,2024-01-01,true`);
    lines[150] = "many,8,2024-01-01,true";
    lines[151] = "n/a,8,2024-01-01,true";
    const { sent, said } = await read(`n,code,on,ok\n${lines.join("\n")}\n`);
    expect(said.refused).toBe(1);
    expect(sent[150]).toEqual({ n: null, code: "8", on: "2024-01-01", ok: true });
  });

  it("a long table in its order, whatever words its cells are compared with", async () => {
    const lines = Array.from({ length: 400_000 }, (_, i) => `${i},w${i % 7}`);
    const { sent } = await read(`a,b\n${lines.join("\n")}\n`, "csv", {});
    expect(sent.length).toBe(lines.length);
    expect(sent.findIndex((record, i) => (record as { a: number }).a !== i)).toBe(-1);
  });

  it("everything, when the model does not say what it takes", async () => {
    expect((await read("a,b\n1,x\n2,\n", "csv", {})).sent).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: null },
    ]);
  });

  it("names all columns that are not there, with those that may be meant", async () => {
    const error: unknown = await read("n,cod,on,x\n1,8,2024-01-01,2\n").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CauceError);
    expect((error as CauceError).explanation).toMatchObject({
      code: "ColumnsMissing",
      why: expect.stringContaining('"code" (there is "cod"), "ok"') as string,
    });
  });
});

describe("what is written", () => {
  const table = "n,code,on,ok,Prediction\n1.50,007,2024-01-01,true,a\nx,8,2024-01-02,false,b\n2,8,2024-01-03,true,c\n";
  const answers = [
    { prediction: "yes", probabilities: { no: 0.25, yes: 0.75 } },
    { prediction: "no", probabilities: { no: 0.9, yes: 0.1 } },
  ];

  it("text as it stood there, names that are free, rows without an answer in their place", async () => {
    const { parts } = await read(table);
    const said = await write("csv", parts, answers);
    expect(said).toMatchObject({
      rows: 3,
      errors: 1,
      firstError: expect.stringMatching(/^Row 2: "n" must be/) as string,
    });
    expect((await textOf("result.csv")).split("\n")).toEqual([
      "n,code,on,ok,Prediction,prediction_2,probability,probability_no,probability_yes,error",
      "1.50,007,2024-01-01,true,a,yes,0.75,0.25,0.75,",
      'x,8,2024-01-02,false,b,,,,,"""n"" must be a number, but it is the text ""x""."',
      "2,8,2024-01-03,true,c,no,0.9,0.9,0.1,",
      "",
    ]);
  });

  it("how many values of the target are as predicted, when it is there", async () => {
    const { parts } = await read(
      "n,code,on,ok,y\n1,8,2024-01-01,true,YES\n2,8,2024-01-01,true,no\n3,8,2024-01-01,true,?\n",
    );
    const said = await write("csv", parts, [answers[0], answers[0], answers[0]] as object[]);
    expect(said.agreement).toEqual({ column: "y", known: 2, same: 1 });
  });

  it("types where the format has them", async () => {
    const { parts } = await read(table.replace("\nx,", "\n3,"), "json");
    await write("json", parts, [...answers, { prediction: "no", probabilities: { no: 1, yes: 0 } }]);
    const [first] = JSON.parse(await textOf("result.json")) as object[];
    expect(first).toMatchObject({ n: 1.5, code: "007", on: "2024-01-01", ok: true, prediction_2: "yes" });
    expect(first).not.toHaveProperty("error");
  });

  it("plain answers of a program of one's own; others are refused", async () => {
    const { parts } = await read("a\n1\n2\n", "ndjson", {});
    await write("ndjson", parts, [3, 4.5]);
    expect(await textOf("result.ndjson")).toBe('{"a":1,"prediction":3.0}\n{"a":2,"prediction":4.5}\n');
    await expect(write("ndjson", parts, [3])).rejects.toMatchObject({ explanation: { code: "AnswersUnreadable" } });
  });
});
