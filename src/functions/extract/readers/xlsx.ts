import { readFile } from "node:fs/promises";
import type { CellValue, Sheet } from "hucre/xlsx";
import { CauceError } from "#core";
import { quote } from "../profile.ts";
import { columnNames } from "./column-names.ts";
import { unreadable } from "./failure.ts";
import type { Reader, ReadRequest } from "./reader.ts";

type Row = readonly CellValue[];

/** The first sheet that holds a table, or the one that was asked for. Cells become text, so that one set of rules decides on types. */
export const xlsx: Reader = {
  async load(request) {
    const { header, rows } = chooseTable(await sheetsOf(request), request);
    const width = Math.max(header?.length ?? 0, ...rows.map((row) => row.length));
    const names = columnNames(Array.from({ length: width }, (_, i) => header?.[i] ?? ""));
    // Columns that have neither a name nor a value were only formatted.
    const kept = names.map((_, i) => i).filter((i) => !blank(header?.[i]) || rows.some((row) => !blank(row[i])));
    await append(
      request,
      kept.map((i) => names[i] ?? ""),
      rows,
      kept,
    );
  },
};

async function sheetsOf(request: ReadRequest): Promise<readonly Sheet[]> {
  const { readXlsx } = await import("hucre/xlsx");
  try {
    return (await readXlsx(await readFile(request.file))).sheets;
  } catch (error) {
    throw unreadable(request.name, error, "Open it in a spreadsheet program and save it again as .xlsx or .csv.");
  }
}

function chooseTable(
  sheets: readonly Sheet[],
  request: ReadRequest,
): { readonly header: Row | undefined; readonly rows: readonly Row[] } {
  if (request.sheet !== undefined) {
    const sheet = sheets.find((candidate) => candidate.name === request.sheet);
    if (!sheet) throw sheetMissing(sheets, request);
    const table = tableOf(sheet, request.header);
    if (!table)
      throw noTable(
        request,
        `The sheet ${JSON.stringify(sheet.name)} has no table: no row with two cells above another.`,
      );
    return table;
  }
  for (const sheet of sheets) {
    const table = tableOf(sheet, request.header);
    if (table) return table;
  }
  throw noTable(request, "None of its sheets has a table: a header and a row below it.");
}

/** Titles above a table fill one cell or two; its header fills at least half of its width. */
function tableOf(
  sheet: Sheet,
  hasHeader: boolean,
): { readonly header: Row | undefined; readonly rows: readonly Row[] } | undefined {
  const filled = sheet.rows.map((row) => row.reduce<number>((count, cell) => count + (blank(cell) ? 0 : 1), 0));
  const widest = Math.max(0, ...filled);
  if (widest < 1) return undefined;
  const start = filled.findIndex((count) => count >= Math.max(Math.min(2, widest), widest / 2));
  const body = sheet.rows.slice(hasHeader ? start + 1 : start).filter((row) => row.some((cell) => !blank(cell)));
  if (body.length === 0) return undefined;
  return { header: hasHeader ? sheet.rows[start] : undefined, rows: body };
}

function blank(cell: CellValue | undefined): boolean {
  return cell === null || cell === undefined || (typeof cell === "string" && cell.trim() === "");
}

async function append(
  request: ReadRequest,
  names: readonly string[],
  rows: readonly Row[],
  kept: readonly number[],
): Promise<void> {
  await request.connection.run(`CREATE TABLE loaded (${names.map((name) => `${quote(name)} VARCHAR`).join(", ")})`);
  const appender = await request.connection.createAppender("loaded");
  for (const row of rows) {
    for (const i of kept) {
      const cell = row[i];
      if (cell === null || cell === undefined) appender.appendNull();
      else appender.appendVarchar(textOf(cell));
    }
    appender.endRow();
  }
  appender.closeSync();
}

function textOf(cell: NonNullable<CellValue>): string {
  if (!(cell instanceof Date)) return String(cell);
  const text = cell.toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text.slice(0, 19);
}

function sheetMissing(sheets: readonly Sheet[], request: ReadRequest): CauceError {
  return new CauceError({
    code: "SheetMissing",
    what: `${request.name} cannot be read.`,
    why: `It has no sheet ${JSON.stringify(request.sheet)}.`,
    fix: `Its sheets are: ${sheets.map((sheet) => JSON.stringify(sheet.name)).join(", ")}.`,
  });
}

function noTable(request: ReadRequest, why: string): CauceError {
  return new CauceError({
    code: "TableEmpty",
    what: `${request.name} cannot be read.`,
    why,
    fix: "Put the columns' names in one row and the values in the rows below it.",
  });
}
