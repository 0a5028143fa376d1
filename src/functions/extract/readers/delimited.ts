import { open } from "node:fs/promises";
import { CauceError } from "#core";
import { literal, quote } from "../profile.ts";
import { columnNames } from "./column-names.ts";
import { chooseDialect, type Dialect, splitRecords } from "./dialect.ts";
import { toUtf8 } from "./encoding.ts";
import { unreadable } from "./failure.ts";
import type { Reader, ReadRequest } from "./reader.ts";

const SAMPLE = 256 * 1024;

/** Values between separators. Everything stays text here: guesses of types come later, and by our own rules. */
export const delimited: Reader = {
  async load(request) {
    const file = await toUtf8(request.file, request.folder);
    const { text, whole } = await sampleOf(file);
    const dialect = chooseDialect(text, request.name);
    const records = splitRecords(text, dialect.separator, whole);
    const [first] = records;
    if (!first) throw empty(request.name);
    const names = request.header ? columnNames(first) : first.map((_, i) => `column${i + 1}`);
    if (request.header) checkHeader(first, records[1], request.name);
    await load(request, file, dialect, names);
  },
};

async function load(request: ReadRequest, file: string, dialect: Dialect, names: readonly string[]): Promise<void> {
  const columns = names.map((_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  const options = [
    "auto_detect = false",
    `columns = {${columns}}`,
    `delim = ${literal(dialect.separator)}`,
    `quote = '"'`,
    `escape = '"'`,
    `header = ${request.header}`,
    `skip = ${dialect.skip}`,
    "max_line_size = 16777216",
    // Quoted line breaks are misread by more than one thread.
    ...(dialect.quotedBreaks ? ["parallel = false"] : []),
  ];
  const named = names.map((name, i) => `c${i} AS ${quote(name)}`).join(", ");
  try {
    await request.connection.run(
      `CREATE TABLE loaded AS SELECT ${named} FROM read_csv(${literal(file)}, ${options.join(", ")})`,
    );
  } catch (error) {
    throw ragged(error, names.length, request.name) ?? unreadable(request.name, error);
  }
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

function empty(name: string): CauceError {
  return new CauceError({
    code: "TableEmpty",
    what: `${name} cannot be read.`,
    why: "It has no row.",
    fix: "Give a file with a header and rows.",
  });
}

/** A header of numbers is most likely no header. */
function checkHeader(header: readonly string[], second: readonly string[] | undefined, name: string): void {
  const numeric = (cells: readonly string[]) =>
    cells.length > 0 && cells.every((cell) => /^\s*[+-]?[\d.]+\s*$/.test(cell));
  if (second === undefined || !numeric(header) || !numeric(second)) return;
  throw new CauceError({
    code: "HeaderMissing",
    what: `${name} cannot be read.`,
    why: `Its first row has only numbers (${header.slice(0, 3).join(", ")}, …), so it seems to have no header.`,
    fix: "Add a first row with the columns' names, or say `--no-header`: the columns are then column1, column2, ….",
  });
}

function ragged(error: unknown, columns: number, name: string): CauceError | undefined {
  const text = error instanceof Error ? error.message : "";
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1];
  const found = /Found: (\d+)/.exec(text)?.[1];
  if (line === undefined) return undefined;
  const why =
    found !== undefined
      ? `Line ${line} has ${found} cells, but the table has ${columns} columns.`
      : /unterminated quote/i.test(text)
        ? `Line ${line} has a quote that is never closed.`
        : `Line ${line} cannot be read.`;
  return new CauceError(
    {
      code: "TableRagged",
      what: `${name} cannot be read.`,
      why,
      fix: `Correct line ${line}: a value that holds the separator must stand in double quotes.`,
    },
    { cause: error },
  );
}
