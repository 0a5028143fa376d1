import { join } from "node:path";
import type { DuckDBAppender, DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CauceError } from "#core";
import { numberFormat } from "#scoring";
import { fetchSource } from "../extract/fetch-source.ts";
import { orderOfFormat } from "../extract/date-format.ts";
import { dropCodes } from "../extract/left-out.ts";
import { literal } from "../extract/profile.ts";
import { load, openDatabase } from "../extract/table.ts";
import { together } from "../extract/together.ts";
import { settleTypes } from "../extract/types.ts";
import type { BatchContext, ReadEvent } from "./events.ts";
import { type Asked, askedColumns, checkColumns, keptColumns, recordSql } from "./columns.ts";
import { MOST_EXCEL_ROWS } from "./formats.ts";
import { getJson, putFile, putText } from "./objects.ts";
import { PartWriter, type Part } from "./parts.ts";
import { readServed, type Served } from "./served-fields.ts";

export interface ReadAnswer {
  readonly rows: number;
  readonly columns: number;
  /** Rows that are not sent, because the model would refuse them. */
  readonly refused: number;
  readonly parts: number;
  readonly how: readonly string[];
  readonly notes: readonly string[];
}

/** What the other half needs: `<run>/read.json`. */
export interface Plan {
  readonly rows: number;
  readonly columns: readonly string[];
  readonly target: string | undefined;
  readonly parts: readonly Part[];
}

/** The table, as `up` reads it, becomes requests below `<run>/in/`; itself it is kept for the answers to be put beside it. */
export async function readRows(context: BatchContext, event: ReadEvent): Promise<ReadAnswer> {
  const { aws, folder } = context;
  const served = readServed(await getJson(aws, `${event.RunUri}/model.json`));
  const files = await fetchSource(aws, event, folder);
  const instance = await openDatabase(context);
  const connection = await instance.connect();
  try {
    const read = await prepare(connection, { ...context, event, served, files });
    const rows = await countOf(connection);
    checkLength(rows, event);
    const { parts, refused } = await sendRecords(instance, read.asked, { context, event, served });
    const target = served.target !== undefined && read.columns.includes(served.target) ? served.target : undefined;
    const plan: Plan = { rows, columns: read.columns, target, parts };
    await putFile(aws, `${event.RunUri}/table.parquet`, read.table, "application/vnd.apache.parquet");
    await connection.run(`COPY refused TO ${literal(join(folder, "refused.parquet"))} (FORMAT parquet)`);
    await putFile(
      aws,
      `${event.RunUri}/refused.parquet`,
      join(folder, "refused.parquet"),
      "application/vnd.apache.parquet",
    );
    await putText(aws, `${event.RunUri}/read.json`, JSON.stringify(plan), "application/json");
    const { how, notes } = read;
    return { rows, columns: read.columns.length, refused, parts: parts.length, how, notes };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

interface Preparation extends BatchContext {
  readonly event: ReadEvent;
  readonly served: Served;
  readonly files: Awaited<ReturnType<typeof fetchSource>>;
}

interface Prepared {
  readonly columns: readonly string[];
  readonly asked: readonly Asked[];
  /** The file of what is kept. */
  readonly table: string;
  readonly how: readonly string[];
  readonly notes: readonly string[];
}

/** Leaves the table `extracted`, with types, and files of how it was read and of what is kept. */
async function prepare(connection: DuckDBConnection, at: Preparation): Promise<Prepared> {
  const { event, folder, served } = at;
  const options = optionsOf(event, served);
  const request = { ...options, files: at.files, name: event.SourceName, folder, memoryMegabytes: at.memoryMegabytes };
  const { format, how, notes } = await together(connection, at.files, (source) => load(connection, source, request));
  const names = (await connection.runAndReadAll("DESCRIBE loaded"))
    .getRowObjectsJson()
    .map((row) => String(row["column_name"]));
  const told = checkColumns(names, served, event.SourceName);
  const [raw, table] = [join(folder, "raw.parquet"), join(folder, "table.parquet")];
  await connection.run(`COPY loaded TO ${literal(raw)} (FORMAT parquet)`);
  const { columns } = await settleTypes(connection, format, options);
  const kept = keptColumns(columns, event.Format).join(", ");
  const both = `extracted e POSITIONAL JOIN read_parquet(${literal(raw)}) r`;
  await connection.run(`COPY (SELECT ${kept} FROM ${both}) TO ${literal(table)} (FORMAT parquet, COMPRESSION zstd)`);
  const codes = await dropCodes(connection, columns, options.missing);
  await connection.run(`CREATE VIEW raw AS SELECT * FROM read_parquet(${literal(raw)})`);
  const coded = codes.map(
    ({ name, code, count }) => `${JSON.stringify(name)}: ${code} stands for no value (${count} cells).`,
  );
  return {
    columns: names,
    asked: askedColumns(columns, served, options.missing),
    table,
    how,
    notes: [...notes, ...coded, ...told],
  };
}

/** What the model's table was decides how dates, and numbers with a unit, are read that could be meant either way. */
function optionsOf(
  { Header: header, Sheet: sheet, Decimal: decimal, Dates: dates, Missing: missing }: ReadEvent,
  { fields, target }: Served,
) {
  const orders = fields.flatMap(({ name, kind, format }) => {
    const order = kind === "datetime" && format !== undefined ? orderOfFormat(format) : undefined;
    return order === undefined ? [] : [[name, order] as const];
  });
  const decimals = fields.flatMap(({ name, kind, format }) => {
    const written = kind === "number" && format !== undefined ? numberFormat(format) : undefined;
    return written ? [[name, written.decimal] as const] : [];
  });
  return {
    header,
    orders: Object.fromEntries(orders),
    decimals: Object.fromEntries(decimals),
    kinds: Object.fromEntries(fields.map(({ name, kind }) => [name, kind])),
    ...(target !== undefined && { target }),
    ...(sheet !== undefined && { sheet }),
    ...(decimal && { decimal }),
    ...(dates && { dates }),
    ...(missing && { missing }),
  };
}

interface Sending {
  readonly context: BatchContext;
  readonly event: ReadEvent;
  readonly served: Served;
}

/** A chunk of the table in memory at a time. Rows that the model would refuse are noted in the table `refused`. */
async function sendRecords(
  instance: DuckDBInstance,
  asked: readonly Asked[],
  { context, event, served }: Sending,
): Promise<{ readonly parts: readonly Part[]; readonly refused: number }> {
  // Two connections: a result that is still read ends with the next thing that its connection does.
  const [reading, writing] = [await instance.connect(), await instance.connect()];
  await writing.run("CREATE TABLE refused (place DOUBLE, reason VARCHAR)");
  const appender = await writing.createAppender("refused");
  const writer = new PartWriter(context.aws, event.RunUri);
  const from = "FROM extracted e POSITIONAL JOIN raw r";
  let refused = 0;
  if (asked.length > 0 && asked.every(({ safe }) => safe)) {
    const result = await reading.stream(`SELECT ${recordSql(asked)} ${from}`);
    for await (const rows of result.yieldRowsJs()) for (const [text] of rows) await writer.add(String(text));
  } else {
    const selected = asked.flatMap(({ sql }) => sql).join(", ") || "NULL";
    const result = await reading.stream(`SELECT ${selected} ${from}`);
    for await (const { record, reason, place } of checked(result.yieldRowsJs(), asked, served)) {
      if (reason === undefined) await writer.add(JSON.stringify(record));
      else {
        append(appender, place, reason);
        refused++;
      }
    }
  }
  appender.closeSync();
  reading.closeSync();
  writing.closeSync();
  await writer.end();
  return { parts: writer.parts, refused };
}

interface Checked {
  readonly record: object;
  readonly reason: string | undefined;
  readonly place: number;
}

async function* checked(
  chunks: AsyncIterable<readonly (readonly unknown[])[]>,
  asked: readonly Asked[],
  served: Served,
): AsyncGenerator<Checked> {
  let place = 0;
  for await (const rows of chunks) {
    const records = rows.map((row) => toRecord(row, asked));
    const reasons = served.refusal(records);
    for (const [i, record] of records.entries()) yield { record, reason: reasons[i], place: place++ };
  }
}

function append(appender: DuckDBAppender, place: number, reason: string): void {
  appender.appendDouble(place);
  appender.appendVarchar(reason);
  appender.endRow();
}

function toRecord(row: readonly unknown[], asked: readonly Asked[]): object {
  // Without a prototype: a column may have any name.
  const record = Object.create(null) as Record<string, unknown>;
  let at = 0;
  for (const { name, sql } of asked) {
    record[name] = row[at] ?? (sql.length > 1 ? row[at + 1] : null) ?? null;
    at += sql.length;
  }
  return record;
}

async function countOf(connection: DuckDBConnection): Promise<number> {
  const [row = {}] = (
    await connection.runAndReadAll("SELECT count(*)::DOUBLE AS rows FROM extracted")
  ).getRowObjectsJson();
  return Number(row["rows"]);
}

function checkLength(rows: number, { SourceName: name, Format: format }: ReadEvent): void {
  if (rows === 0) {
    throw new CauceError({
      code: "TableEmpty",
      what: `There is nothing to predict in ${name}.`,
      why: "It has a header, but no row below it.",
      fix: "Give a table with rows; with `--no-header` the first row counts as data.",
    });
  }
  if (format !== "xlsx" || rows <= MOST_EXCEL_ROWS) return;
  throw new CauceError({
    code: "TooLongForExcel",
    what: `The ${rows.toLocaleString("en-US")} rows of ${name} do not fit into a workbook.`,
    why: `A sheet of Excel ends with row ${(MOST_EXCEL_ROWS + 1).toLocaleString("en-US")}.`,
    fix: "Name another file: -o predictions.csv, or .parquet.",
  });
}
