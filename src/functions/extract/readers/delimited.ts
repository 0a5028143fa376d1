import { open } from "node:fs/promises";
import { join } from "node:path";
import { CauceError } from "#core";
import { literal, quote } from "../profile.ts";
import { chooseDialect, type Dialect } from "./dialect.ts";
import { toUtf8 } from "./encoding.ts";
import { renamedNotes } from "./column-names.ts";
import { unreadable } from "./failure.ts";
import { type Layout, layoutOf, type Row } from "./layout.ts";
import { normalise } from "./normalise.ts";
import type { Loaded, Reader, ReadRequest } from "./reader.ts";
import type { Separator, TextRecord } from "./records.ts";

const SAMPLE = 512 * 1024;
const CALLED: Readonly<Record<Separator, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
  blanks: "runs of blanks",
};

/** Values between separators. Everything stays text here: guesses of types come later, and by our own rules. */
export const delimited: Reader = {
  async load(request) {
    const { file, encoding } = await toUtf8(request.file, request.folder, request.encoding);
    const dialect = chooseDialect(await sampleOf(file), request.name, request.separator);
    const { records, width, separator } = dialect;
    const rows = records.map(({ cells }) => cells);
    const layout = layoutOf(rows, width, request.header);
    if (!layout) throw empty(request.name);
    if (request.header) checkHeader(rows[layout.above] ?? [], rows[layout.above + 1], request.name);
    const body = records[layout.above + layout.headerRows];
    if (!body) throw empty(request.name, "It has a header, but no row below it.");
    const table = { file, dialect, layout, from: body.line };
    const below = separator === "blanks" ? await loadCopy(request, table) : await load(request, table);
    return told({ encoding, dialect, layout, header: records[layout.above], below });
  },
};

interface Table {
  readonly file: string;
  readonly dialect: Dialect;
  readonly layout: Layout;
  readonly from: number;
}

/** As it lies there; answers the lines below the table that were left out. */
async function load(request: ReadRequest, table: Table): Promise<readonly number[]> {
  const { separator, quotedBreaks } = table.dialect;
  try {
    await copyInto(request, table, { file: table.file, separator, skip: table.from - 1, quotedBreaks });
    return [];
  } catch (error) {
    if (!(error instanceof Error) || !/CSV Error on Line/.test(error.message)) throw unreadable(request.name, error);
    return await loadCopy(request, table);
  }
}

/** Read row by row and written again, because something is in the way: blanks as separators, or rows that are none. */
async function loadCopy(request: ReadRequest, table: Table): Promise<readonly number[]> {
  const { separator, width } = table.dialect;
  const file = join(request.folder, "normalised.csv");
  const below = await normalise(table.file, file, { separator, width, from: table.from, name: request.name });
  try {
    await copyInto(request, table, { file, separator: ",", skip: 0, quotedBreaks: true });
  } catch (error) {
    throw unreadable(request.name, error);
  }
  return below;
}

async function copyInto(
  request: ReadRequest,
  { layout, dialect }: Table,
  from: { readonly file: string; readonly separator: string; readonly skip: number; readonly quotedBreaks: boolean },
): Promise<void> {
  const columns = Array.from({ length: dialect.width }, (_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  const options = [
    "auto_detect = false",
    `columns = {${columns}}`,
    `delim = ${literal(from.separator)}`,
    `quote = '"'`,
    `escape = '"'`,
    "header = false",
    `skip = ${from.skip}`,
    "max_line_size = 16777216",
    // Quoted line breaks are misread by more than one thread.
    ...(from.quotedBreaks ? ["parallel = false"] : []),
  ];
  const named = layout.names.map((name, i) => `c${i} AS ${quote(name)}`).join(", ");
  await request.connection.run(
    `CREATE TABLE loaded AS SELECT ${named} FROM read_csv(${literal(from.file)}, ${options.join(", ")})`,
  );
}

async function sampleOf(file: string): Promise<{ readonly text: string; readonly whole: boolean }> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
  return {
    text: buffer
      .subarray(0, bytesRead)
      .toString("utf8")
      .replace(/^\ufeff/, ""),
    whole: bytesRead < SAMPLE,
  };
}

function told(found: {
  readonly encoding: string;
  readonly dialect: Dialect;
  readonly layout: Layout;
  readonly header: TextRecord | undefined;
  readonly below: readonly number[];
}): Loaded {
  const { encoding, dialect, layout, below } = found;
  const header =
    layout.headerRows === 0
      ? "no header"
      : `header in line ${found.header?.line ?? 1}${layout.headerRows === 2 ? " and the one below it" : ""}`;
  const notes: string[] = [];
  if (layout.above > 0)
    notes.push(`${layout.above === 1 ? "A row" : `${layout.above} rows`} above the table left out.`);
  if (layout.headerRows === 2) notes.push("Two header rows: each column is called by both.");
  if (layout.headerRows === 1) notes.push(...renamedNotes(found.header?.cells ?? [], layout.names));
  if (below.length > 0) notes.push(`Left out below the table: line ${below.join(", ")}.`);
  if (layout.trailing) notes.push("Every row ends with a separator; the nameless last column is left out.");
  return { how: [`separated by ${CALLED[dialect.separator]}`, encoding, header], notes };
}

function empty(name: string, why = "It has no row."): CauceError {
  return new CauceError({
    code: "TableEmpty",
    what: `${name} cannot be read.`,
    why,
    fix: "Give a table with a header and rows; with `--no-header` the first row counts as data.",
  });
}

/** A header of numbers is most likely no header. */
function checkHeader(header: Row, second: Row | undefined, name: string): void {
  const numeric = (cells: Row) => cells.length > 0 && cells.every((cell) => /^\s*[+-]?[\d.]+\s*$/.test(cell ?? ""));
  if (second === undefined || !numeric(header) || !numeric(second)) return;
  throw new CauceError({
    code: "HeaderMissing",
    what: `${name} cannot be read.`,
    why: `Its first row has only numbers (${header.slice(0, 3).join(", ")}, …), so it seems to have no header.`,
    fix: "Add a first row with the columns' names, or say `--no-header`: the columns are then 0, 1, ….",
  });
}
