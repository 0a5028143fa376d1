import { readFile } from "node:fs/promises";
import type { CellValue, Sheet } from "hucre/xlsx";
import { CauceError } from "#core";
import { quote } from "../profile.ts";
import { columnNames, renamedNotes } from "./column-names.ts";
import { unreadable } from "./failure.ts";
import { blank, filled, type Layout, layoutOf, type Row } from "./layout.ts";
import type { Reader, ReadRequest } from "./reader.ts";
import { assertFits } from "./workbook-size.ts";

/** The first sheet that holds a table, or the one that was asked for. Cells become text, so that one set of rules decides on types. */
const workbook = (kind: "readXlsx" | "readXls"): Reader => ({
  async load(request) {
    const { sheet, rows, layout } = chooseTable(await sheetsOf(request, kind), request);
    const body = rows.slice(layout.above + layout.headerRows).filter((row) => filled(row) > 0);
    const header = rows.slice(layout.above, layout.above + layout.headerRows);
    // Columns that have neither a name nor a value were only formatted.
    const kept = layout.names.map((_, i) => i).filter((i) => [...header, ...body].some((row) => !blank(row[i])));
    const names = kept.map((i) => layout.names[i] ?? "");
    await append(request, names, body, kept);
    const notes: string[] = [];
    if (rows.slice(0, layout.above).some((row) => filled(row) > 0))
      notes.push(`What stands above row ${layout.above + 1} is left out.`);
    if (layout.headerRows === 2) notes.push("Two header rows: each column is called by both.");
    const called = kept.map((i) => header[0]?.[i]);
    if (layout.headerRows === 1) notes.push(...renamedNotes(called, names));
    const where = layout.headerRows === 0 ? "no header" : `header in row ${layout.above + 1}`;
    return { how: [`sheet ${JSON.stringify(sheet)}`, where], notes };
  },
});

export const xlsx: Reader = workbook("readXlsx");
/** Excel's format until 2003. */
export const xls: Reader = workbook("readXls");

interface Found {
  readonly sheet: string;
  readonly rows: readonly Row[];
  readonly layout: Layout;
}

async function sheetsOf(request: ReadRequest, kind: "readXlsx" | "readXls"): Promise<readonly Sheet[]> {
  const excel = await import("hucre/xlsx");
  try {
    if (kind === "readXlsx") await assertFits(request);
    return (await excel[kind](await readFile(request.file))).sheets;
  } catch (error) {
    if (error instanceof CauceError) throw error;
    throw unreadable(request.name, error, "Open it in a spreadsheet program and save it again as .xlsx or .csv.");
  }
}

function chooseTable(sheets: readonly Sheet[], request: ReadRequest): Found {
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
function tableOf(sheet: Sheet, header: boolean): Found | undefined {
  const texts = sheet.rows.map((row) => row.map((cell) => (cell === null ? null : textOf(cell))));
  const width = texts.reduce((most, row) => Math.max(most, row.findLastIndex((cell) => !blank(cell)) + 1), 0);
  const rows = texts.map((row) => Array.from({ length: width }, (_, i) => row[i] ?? null));
  const first = rows.findIndex((row) => filled(row) > 0);
  if (width < 1 || first < 0) return undefined;
  const found = layoutOf(rows.slice(header ? 0 : first), widestOf(rows), header);
  if (!found) return undefined;
  const above = found.above + (header ? 0 : first);
  const layout = { ...found, above, names: named(rows, above, found, width) };
  if (!rows.slice(above + layout.headerRows).some((row) => filled(row) > 0)) return undefined;
  return { sheet: sheet.name, rows, layout };
}

/** Remarks far to the right make a sheet wider than its table. */
function widestOf(rows: readonly Row[]): number {
  return Math.max(1, ...rows.slice(0, 1000).map(filled));
}

/** Names for every column that holds anything, also beyond the header. */
function named(rows: readonly Row[], above: number, { headerRows, names }: Layout, width: number): readonly string[] {
  if (headerRows === 0) return Array.from({ length: width }, (_, i) => String(i));
  if (headerRows === 2 && names.length === width) return names;
  return columnNames(Array.from({ length: width }, (_, i) => (headerRows === 2 ? names[i] : rows[above]?.[i]) ?? ""));
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
      else appender.appendVarchar(cell);
    }
    appender.endRow();
  }
  appender.closeSync();
}

function textOf(cell: NonNullable<CellValue>): string {
  if (!(cell instanceof Date)) return String(cell);
  // Its clock has fractions of a day, which are rounded to whole seconds here.
  const text = new Date(Math.round(cell.getTime() / 1000) * 1000).toISOString();
  // Less than a day is a time of day.
  if (/^1899-12-3[01]T/.test(text)) return text.slice(11, 19);
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
