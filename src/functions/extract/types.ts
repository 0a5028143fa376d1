import type { DuckDBConnection } from "@duckdb/node-api";
import { formatsOf } from "./date-format.ts";
import { parsed, parsedTime } from "./dates.ts";
import { type ColumnType, type Guess, guess } from "./guess.ts";
import { plainNumber } from "./numbers.ts";
import { quote } from "./profile.ts";
import type { Format, ReadOptions } from "./readers/reader.ts";
import { unitedNumber } from "./units.ts";
import { present, trimmed } from "./values.ts";

export interface SettledColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly unread: number;
  /** How its dates or times were written, when not as ISO 8601 has them, or its numbers, when they have a unit. */
  readonly format?: string;
}

/** Turns the table `loaded` into `extracted`, whose columns have one of seven types, with missing values null. */
export async function settleTypes(
  connection: DuckDBConnection,
  format: Format,
  options: ReadOptions,
): Promise<{ readonly columns: readonly SettledColumn[]; readonly notes: readonly string[] }> {
  const described = (await connection.runAndReadAll("DESCRIBE loaded")).getRowObjectsJson();
  const columns = described.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
  const texts = columns.filter((column) => column.type === "VARCHAR").map(({ name }) => name);
  const found = await guess(connection, texts, options);
  // A parquet file says what its texts are, but for dates, which many programs write as texts; elsewhere everything began as text.
  const guessed = format === "parquet" ? datesOf(found) : found;
  const formats = await formatsOf(connection, guessed, options);
  const beyond = await beyondNumbers(connection, columns);
  const settled = columns.map(({ name, type }) => {
    if (beyond.has(name)) return { name, type: "VARCHAR" as const, unread: 0, sql: `${quote(name)}::VARCHAR` };
    if (type !== "VARCHAR") return native(name, type, options);
    const found = guessed.get(name) ?? { type: "VARCHAR", unread: 0, notes: [] };
    return { name, type: found.type, unread: found.unread, sql: textTo(found, quote(name), options) };
  });
  await connection.run(
    `CREATE TABLE extracted AS SELECT ${settled.map((column) => `${column.sql} AS ${quote(column.name)}`).join(", ")} FROM loaded`,
  );
  await connection.run("DROP TABLE loaded");
  const notes = [
    ...[...guessed].flatMap(([name, found]) => found.notes.map((note) => `${JSON.stringify(name)}: ${note}.`)),
    ...[...beyond].map((name) => `${JSON.stringify(name)}: has whole numbers beyond 2^53: kept as text.`),
    ...settled
      .filter(({ unread }) => unread > 0)
      .map(({ name, unread }) => `${JSON.stringify(name)}: ${unread} cells are no numbers and count as missing.`),
  ];
  return {
    columns: settled.map(({ name, type, unread }) => {
      const format = formats.get(name);
      return { name, type, unread, ...(format !== undefined && { format }) };
    }),
    notes,
  };
}

function datesOf(guessed: ReadonlyMap<string, Guess>): ReadonlyMap<string, Guess> {
  return new Map([...guessed].filter(([, { type }]) => /^(DATE|TIME)/.test(type)));
}

/** Columns of whole numbers that a program's numbers cannot hold. */
async function beyondNumbers(
  connection: DuckDBConnection,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<ReadonlySet<string>> {
  const large = columns.filter(({ type }) => /^(U?BIGINT|U?HUGEINT)$/.test(type));
  if (large.length === 0) return new Set();
  const tests = large.map(
    ({ name }, i) => `coalesce(max(abs(${quote(name)}::HUGEINT)) > 9007199254740992, false) AS b${i}`,
  );
  const [row = {}] = (await connection.runAndReadAll(`SELECT ${tests.join(", ")} FROM loaded`)).getRowObjectsJson();
  return new Set(large.filter((_, i) => row[`b${i}`] === true).map(({ name }) => name));
}

function native(name: string, type: string, options: ReadOptions): SettledColumn & { readonly sql: string } {
  const c = quote(name);
  const cast = (to: ColumnType, sql = `${c}::${to}`) => ({ name, type: to, unread: 0, sql });
  if (/^(U?(TINY|SMALL)INT|U?INTEGER|U?BIGINT|U?HUGEINT)$/.test(type)) return cast("BIGINT");
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(type))
    return cast("DOUBLE", `CASE WHEN isfinite(${c}::DOUBLE) THEN ${c}::DOUBLE END`);
  if (type === "BOOLEAN" || type === "DATE") return cast(type);
  if (/^TIME(_NS)?( WITH TIME ZONE)?$/.test(type)) return cast("TIME");
  if (type.startsWith("TIMESTAMP"))
    return cast("TIMESTAMP", /WITH TIME ZONE/.test(type) ? `(${c} AT TIME ZONE 'UTC')::TIMESTAMP` : `${c}::TIMESTAMP`);
  return cast("VARCHAR", present(`${c}::VARCHAR`, options.missing));
}

/** What is no value at all need not be looked for where a cast answers null. */
function textTo(guessed: Guess, c: string, options: ReadOptions): string {
  const value = options.missing ? `(${present(c, options.missing)})` : trimmed(c);
  if (guessed.form) return `(${parsed(value, guessed.form)})::${guessed.type}`;
  switch (guessed.type) {
    case "VARCHAR":
      return present(c, options.missing);
    case "BOOLEAN":
      return `(CASE lower(${value}) WHEN 'true' THEN true WHEN 'false' THEN false END)`;
    case "TIME":
      return `(${parsedTime(value)})`;
    case "TIMESTAMP":
      return `(try_cast(${value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')`;
    case "DOUBLE": {
      const number = `try_cast(${numberSql(value, guessed)} AS DOUBLE)`;
      // Not three times nullif, each of which doubles what is in it: that takes seconds to plan for a wide table.
      return `(CASE WHEN isfinite(${number}) THEN ${number} END)`;
    }
    default:
      return `try_cast(${value} AS ${guessed.type})`;
  }
}

function numberSql(value: string, { decimal, unit }: Guess): string {
  if (decimal === undefined) return value;
  return unit === undefined ? plainNumber(value, decimal) : unitedNumber(value, { unit, decimal });
}
