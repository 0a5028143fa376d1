import type { DuckDBConnection } from "@duckdb/node-api";
import { CauceError } from "#core";
import { quote } from "./profile.ts";
import type { Format, Loaded } from "./readers/reader.ts";

export interface SourceFile {
  readonly file: string;
  /** As people call it, e.g. `customers.xlsx`. */
  readonly name: string;
}

type Read = Loaded & { readonly format: Format };

/** Files with the same columns become one table, `loaded`; others are refused with what differs. */
export async function together(
  connection: DuckDBConnection,
  files: readonly SourceFile[],
  load: (source: SourceFile) => Promise<Read>,
): Promise<Read> {
  const [first, ...others] = files;
  if (!first) throw new Error("There is no file to read.");
  const read = await load(first);
  if (others.length === 0) return read;
  const wanted = await columnsOf(connection);
  await connection.run("ALTER TABLE loaded RENAME TO gathered");
  const notes = read.notes.map((note) => `${first.name}: ${note}`);
  let format = read.format;
  for (const source of others) {
    const next = await load(source);
    checkColumns(first.name, wanted, source.name, await columnsOf(connection));
    const list = wanted.map(quote).join(", ");
    await connection.run(
      `CREATE TABLE joined AS SELECT ${list} FROM gathered UNION ALL SELECT ${list} FROM loaded; DROP TABLE gathered; DROP TABLE loaded; ALTER TABLE joined RENAME TO gathered`,
    );
    notes.push(...next.notes.map((note) => `${source.name}: ${note}`));
    // Texts of a parquet file mixed with a text file's are guessed like all others.
    if (next.format !== format) format = "delimited";
  }
  await connection.run("ALTER TABLE gathered RENAME TO loaded");
  return { format, how: [`${files.length} files`, ...read.how], notes };
}

async function columnsOf(connection: DuckDBConnection): Promise<readonly string[]> {
  const rows = (await connection.runAndReadAll("DESCRIBE loaded")).getRowObjectsJson();
  return rows.map((row) => String(row["column_name"]));
}

function checkColumns(one: string, wanted: readonly string[], other: string, found: readonly string[]): void {
  const missing = wanted.filter((name) => !found.includes(name));
  const more = found.filter((name) => !wanted.includes(name));
  if (missing.length === 0 && more.length === 0) return;
  const list = (names: readonly string[]) =>
    names
      .slice(0, 5)
      .map((name) => JSON.stringify(name))
      .join(", ") + (names.length > 5 ? ", …" : "");
  const parts = [
    ...(missing.length > 0 ? [`lacks ${list(missing)}`] : []),
    ...(more.length > 0 ? [`has ${list(more)} more`] : []),
  ];
  throw new CauceError({
    code: "SchemasDiffer",
    what: `The files cannot be read together.`,
    why: `Compared with ${one}, ${other} ${parts.join(" and ")}.`,
    fix: "Give every file the same columns (their order does not matter), or take the one that differs out of the folder.",
  });
}
