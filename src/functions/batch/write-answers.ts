import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { isRecord } from "#core";
import { literal, quote } from "../extract/profile.ts";
import { openDatabase } from "../extract/table.ts";
import { present } from "../extract/values.ts";
import { AnswerTable } from "./answer-table.ts";
import { type RowAnswer, readAnswers } from "./answers.ts";
import { RowAsker, transformFailed } from "./ask-rows.ts";
import type { BatchContext, WriteEvent } from "./events.ts";
import { CONTENT_TYPES, COPY_OPTIONS } from "./formats.ts";
import { download, findText, getJson, putFile } from "./objects.ts";
import type { Plan } from "./read-rows.ts";
import { sheetRows } from "./sheet.ts";

export interface WriteAnswer {
  readonly uri: string;
  readonly bytes: number;
  readonly rows: number;
  /** Rows without a prediction. */
  readonly errors: number;
  /** The first of what was wrong with them. */
  readonly firstError?: string;
  /** The columns that came behind those of the table. */
  readonly added: readonly string[];
  /** Of classes, where the table has the target: how many of its values are what was predicted. */
  readonly agreement?: Agreement;
}

export interface Agreement {
  readonly column: string;
  readonly known: number;
  readonly same: number;
}

/** Puts the answers beside the rows that they are of, and all into one file: `<run>/result.<format>`. */
export async function writeAnswers(context: BatchContext, event: WriteEvent): Promise<WriteAnswer> {
  const { aws, folder } = context;
  const { RunUri: run, Format: format } = event;
  const plan = (await getJson(aws, `${run}/read.json`)) as unknown as Plan;
  const [table, refused, file] = ["table.parquet", "refused.parquet", `result.${format}`].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await download(aws, `${run}/table.parquet`, table);
  await download(aws, `${run}/refused.parquet`, refused);
  const instance = await openDatabase(context);
  const connection = await instance.connect();
  try {
    const answers = await collect(instance, { context, event, plan, refused });
    if (answers.rows !== plan.rows)
      throw new Error(`The table has ${plan.rows} rows, and ${answers.rows} answers came.`);
    const added = answers.columns(plan.columns);
    const selected = [`t.*`, ...added.map(({ sql, name }) => `${sql} AS ${quote(name)}`)].join(", ");
    const query = `SELECT ${selected} FROM read_parquet(${literal(table)}) t POSITIONAL JOIN answers a`;
    if (format === "xlsx")
      await writeSheet(connection, query, [...plan.columns, ...added.map(({ name }) => name)], file);
    else await connection.run(`COPY (${query}) TO ${literal(file)} (${COPY_OPTIONS[format]})`);
    const uri = `${run}/result.${format}`;
    const bytes = await putFile(aws, uri, file, CONTENT_TYPES[format]);
    const { rows, errors, firstError } = answers;
    const agreement =
      plan.target !== undefined && answers.ofClasses ? await compare(connection, table, plan.target) : undefined;
    return {
      uri,
      bytes,
      rows,
      errors,
      ...(firstError !== undefined && { firstError }),
      ...(agreement && { agreement }),
      added: added.map(({ name }) => name),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** 1 and 1.0 are one class, and so are Yes and yes. */
async function compare(connection: DuckDBConnection, table: string, column: string): Promise<Agreement> {
  const [row = {}] = (
    await connection.runAndReadAll(
      `SELECT count(*)::DOUBLE AS known, (count(*) FILTER (lower(v) = lower(p) OR try_cast(v AS DOUBLE) = try_cast(p AS DOUBLE)))::DOUBLE AS same
      FROM (SELECT ${present(`t.${quote(column)}::VARCHAR`)} AS v, a.prediction AS p FROM read_parquet(${literal(table)}) t POSITIONAL JOIN answers a)
      WHERE v IS NOT NULL AND p IS NOT NULL`,
    )
  ).getRowObjectsJson();
  return { column, known: Number(row["known"]), same: Number(row["same"]) };
}

interface Collecting {
  readonly context: BatchContext;
  readonly event: WriteEvent;
  readonly plan: Plan;
  /** The file of rows that were not sent. */
  readonly refused: string;
}

/** The table `answers`, a row for each of the table's, in its order. */
async function collect(instance: DuckDBInstance, { context, event, plan, refused }: Collecting): Promise<AnswerTable> {
  const reading = await instance.connect();
  const waiting = placesOf(reading, refused);
  let next = await waiting.next();
  const answers = await AnswerTable.open(instance);
  const addRefused = async () => {
    while (!next.done && next.value.place === answers.rows) {
      answers.add({ prediction: null, error: next.value.reason });
      next = await waiting.next();
    }
  };
  const ask = asker(context, event);
  for (const part of plan.parts) {
    for (const answer of await ask(part)) {
      await addRefused();
      answers.add(answer);
    }
  }
  await addRefused();
  reading.closeSync();
  answers.close();
  return answers;
}

async function* placesOf(
  connection: DuckDBConnection,
  file: string,
): AsyncGenerator<{ readonly place: number; readonly reason: string }> {
  const result = await connection.stream(`SELECT place, reason FROM read_parquet(${literal(file)})`);
  for await (const rows of result.yieldRowsJs())
    for (const [place, reason] of rows) yield { place: Number(place), reason: String(reason) };
}

/** What the job has answered to a part; where it has not, and said why, what the model that serves does. */
function asker({ aws, door }: BatchContext, { RunUri: run, FailureReason: reason }: WriteEvent) {
  const fallback = new RowAsker(door, reason ?? "");
  return async ({ name, rows }: Plan["parts"][number]): Promise<readonly RowAnswer[]> => {
    const said = await findText(aws, `${run}/out/${name}.out`);
    if (said !== undefined) return readAnswers(said, rows);
    if (reason === undefined) throw new Error(`The transform job is complete, but there is no answer to ${name}.`);
    const records = await getJson(aws, `${run}/in/${name}`);
    if (!Array.isArray(records) || isRecord(records)) throw transformFailed(reason);
    return fallback.answers(records);
  };
}

async function writeSheet(
  connection: DuckDBConnection,
  query: string,
  names: readonly string[],
  file: string,
): Promise<void> {
  const { writeXlsxStream } = await import("hucre/xlsx");
  const result = await connection.stream(query);
  const stream = writeXlsxStream(sheetRows(result.yieldRowsJs(), names), { name: "Predictions" });
  await pipeline(Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file));
}
