import type { DuckDBConnection } from "@duckdb/node-api";
import { quote } from "./profile.ts";
import type { Format } from "./readers/reader.ts";

export interface SettledColumn {
  readonly name: string;
  readonly type: "BIGINT" | "DOUBLE" | "BOOLEAN" | "VARCHAR" | "DATE" | "TIMESTAMP";
  readonly unread: number;
}

/** What people write for "no value", in any column. */
const MISSING = [
  "",
  "na",
  "n/a",
  "#n/a",
  "nan",
  "null",
  "?",
  "-",
  "--",
  "<na>",
  "#value!",
  "#div/0!",
  "#ref!",
  "#null!",
  "#num!",
  "#name?",
];
/** And in columns of numbers and dates, where no word can be a value. */
const MISSING_WORDS = ["none", "nil", "missing", "unknown", "undefined", "n.a.", ".", "…", "inf", "-inf"];

/** The share of cells that must be numbers for a column to be one of numbers. */
const ALMOST_ALL = 0.99;

/** Turns the table `loaded` into `extracted`, whose columns have one of six types, with missing values null. */
export async function settleTypes(connection: DuckDBConnection, format: Format): Promise<readonly SettledColumn[]> {
  const described = (await connection.runAndReadAll("DESCRIBE loaded")).getRowObjectsJson();
  const columns = described.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
  const texts = columns.filter((column) => column.type === "VARCHAR");
  // A parquet file says what its texts are; elsewhere everything began as text.
  const guessed =
    format === "parquet"
      ? new Map<string, Guess>()
      : await guess(
          connection,
          texts.map((column) => column.name),
        );
  const settled = columns.map(({ name, type }) => {
    if (type !== "VARCHAR") return native(name, type);
    const found = guessed.get(name) ?? { type: "VARCHAR", unread: 0, comma: false };
    return { name, type: found.type, unread: found.unread, sql: textTo(found, quote(name)) };
  });
  await connection.run(
    `CREATE TABLE extracted AS SELECT ${settled.map((column) => `${column.sql} AS ${quote(column.name)}`).join(", ")} FROM loaded`,
  );
  await connection.run("DROP TABLE loaded");
  return settled.map(({ name, type, unread }) => ({ name, type, unread }));
}

interface Guess {
  readonly type: SettledColumn["type"];
  readonly unread: number;
  /** Decimals are written with a comma. */
  readonly comma: boolean;
}

function native(name: string, type: string): SettledColumn & { readonly sql: string } {
  const c = quote(name);
  const as = (to: SettledColumn["type"], sql = `${c}::${to}`) => ({ name, type: to, unread: 0, sql });
  if (/^(U?(TINY|SMALL)INT|U?INTEGER|BIGINT)$/.test(type)) return as("BIGINT");
  if (/^(FLOAT|DOUBLE|U?BIGINT|U?HUGEINT|DECIMAL)/.test(type))
    return as("DOUBLE", `CASE WHEN isfinite(${c}::DOUBLE) THEN ${c}::DOUBLE END`);
  if (type === "BOOLEAN" || type === "DATE") return as(type);
  if (type.startsWith("TIMESTAMP"))
    return as("TIMESTAMP", /WITH TIME ZONE/.test(type) ? `(${c} AT TIME ZONE 'UTC')::TIMESTAMP` : `${c}::TIMESTAMP`);
  return as("VARCHAR", present(`${c}::VARCHAR`));
}

const list = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(", ");
const trimmed = (c: string): string => `trim(${c}, ' \t\r\n\u00a0')`;
const present = (c: string): string =>
  `CASE WHEN length(${c}) < 16 AND lower(${trimmed(c)}) IN (${list(MISSING)}) THEN NULL ELSE ${trimmed(c)} END`;
const withComma = (c: string): string => `replace(${c}, ',', '.')`;

const INTEGER = "^[+-]?(0|[1-9][0-9]{0,17})$";
const NUMBER = "^[+-]?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$";
const COMMA = "^[+-]?(0|[1-9][0-9]*),[0-9]+$";
const DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const STAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$";

const TESTS: Readonly<Record<string, (v: string) => string>> = {
  present: (v) => `${v} IS NOT NULL`,
  words: (v) => `lower(${v}) IN (${list(MISSING_WORDS)})`,
  integers: (v) => `regexp_matches(${v}, '${INTEGER}')`,
  numbers: (v) => `regexp_matches(${v}, '${NUMBER}')`,
  commas: (v) => `regexp_matches(${v}, '${COMMA}')`,
  // 00501 is a code, not a number: its zeros must stay.
  zeros: (v) => `regexp_matches(${v}, '^[+-]?0[0-9]')`,
  // 12345678901234567890 has more digits than a number keeps.
  digits: (v) => `regexp_matches(${v}, '^[+-]?[0-9]{19,}$')`,
  booleans: (v) => `lower(${v}) IN ('true', 'false')`,
  dates: (v) => `regexp_matches(${v}, '${DATE}') AND try_cast(${v} AS DATE) IS NOT NULL`,
  stamps: (v) => `regexp_matches(${v}, '${STAMP}') AND try_cast(${v} AS TIMESTAMPTZ) IS NOT NULL`,
};

async function guess(connection: DuckDBConnection, names: readonly string[]): Promise<ReadonlyMap<string, Guess>> {
  const guesses = new Map<string, Guess>();
  const tests = Object.entries(TESTS).map(
    ([test, sql]) => `coalesce(sum(n) FILTER (${sql("v")}), 0)::DOUBLE AS ${test}`,
  );
  for (const name of names) {
    // A query for each column, over its distinct values: one over all columns takes seconds to plan alone.
    const values = `SELECT ${present(quote(name))} AS v, count(*) AS n FROM loaded GROUP BY v`;
    const answer = await connection.runAndReadAll(`SELECT ${tests.join(", ")} FROM (${values})`);
    const [row = {}] = answer.getRowObjectsJson();
    guesses.set(
      name,
      typeFrom((test) => Number(row[test])),
    );
  }
  return guesses;
}

function typeFrom(count: (test: string) => number): Guess {
  const values = count("present") - count("words");
  const as = (type: Guess["type"], unread = 0, comma = false): Guess => ({ type, unread, comma });
  if (values <= 0) return as("VARCHAR");
  if (count("booleans") === count("present")) return as("BOOLEAN");
  if (count("dates") === values) return as("DATE");
  if (count("stamps") === values) return as("TIMESTAMP");
  if (count("zeros") > 0 || count("digits") > 0) return as("VARCHAR");
  if (count("integers") === values) return as("BIGINT");
  const commas = count("commas") > 0 && count("commas") + count("integers") === values;
  if (commas) return as("DOUBLE", 0, true);
  const unread = values - count("numbers");
  return unread <= values * (1 - ALMOST_ALL) && count("numbers") > 1 ? as("DOUBLE", unread) : as("VARCHAR");
}

/** What is no value at all need not be looked for where a cast answers null. */
function textTo(guessed: Guess, c: string): string {
  const value = trimmed(c);
  switch (guessed.type) {
    case "VARCHAR":
      return present(c);
    case "BOOLEAN":
      return `(CASE lower(${value}) WHEN 'true' THEN true WHEN 'false' THEN false END)`;
    case "TIMESTAMP":
      return `(try_cast(${value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')`;
    case "DOUBLE":
      return `nullif(nullif(nullif(try_cast(${guessed.comma ? withComma(value) : value} AS DOUBLE), 'nan'), 'inf'), '-inf')`;
    default:
      return `try_cast(${value} AS ${guessed.type})`;
  }
}
