import type { DuckDBConnection } from "@duckdb/node-api";
import { DATE_FORMS, DIGITS_OF_TIME, isTime, looksLike, parsed, TELLS_TIME } from "./dates.ts";
import { DOTTED, INTEGER, NUMBER, WRITTEN } from "./numbers.ts";
import { quote } from "./profile.ts";
import type { ReadOptions } from "./readers/reader.ts";
import { ANY_UNITED, unitsOf, unitTests } from "./units.ts";
import { isMissingWord, present } from "./values.ts";

/** How many cells of a column pass a test; `kinds` are its different values. */
export type Counts = (test: string) => number;

export interface Asked {
  readonly name: string;
  readonly plain: Counts;
  /** Of columns that are nothing plain. */
  readonly formatted?: Counts;
  /** What stands beside the numbers; of one, `formatted` counts how they are written. */
  readonly units?: readonly string[];
}

/** The share of cells that must be numbers for a column to be one of numbers. */
export const ALMOST_ALL = 0.99;

export const valuesOf = (count: Counts): number => count("present") - count("words");

/** Asks what the cells of the columns of `loaded` look like; `settled` says whether the plain questions were enough. */
export async function askColumns(
  connection: DuckDBConnection,
  names: readonly string[],
  options: ReadOptions,
  settled: (plain: Counts) => boolean,
): Promise<readonly Asked[]> {
  const sampled = await sample(connection);
  const asked: Asked[] = [];
  for (const name of names) {
    const at = { connection, name, options, settled };
    // A query for each column: one over all columns takes seconds to plan alone.
    asked.push(sampled ? await askBoth(at) : await askColumn(at, "loaded", everything));
  }
  if (sampled) await connection.run("DROP TABLE sampled");
  return asked;
}

interface Question {
  readonly connection: DuckDBConnection;
  readonly name: string;
  readonly options: ReadOptions;
  readonly settled: (plain: Counts) => boolean;
}

const SAMPLE = 2000;
const ALL_OR_NONE: readonly string[] = ["booleans", "dates", "stamps", "times", "clocks"];

/** Rows from everywhere in a long table. */
async function sample(connection: DuckDBConnection): Promise<boolean> {
  const [row = {}] = (await connection.runAndReadAll("SELECT count(*)::DOUBLE AS n FROM loaded")).getRowObjectsJson();
  const step = Math.floor(Number(row["n"]) / SAMPLE);
  if (step < 10) return false;
  await connection.run(`CREATE OR REPLACE TABLE sampled AS SELECT * FROM loaded WHERE rowid % ${step} = 0`);
  return true;
}

type Wanted = (test: string) => boolean;
const everything: Wanted = () => true;

/** What some rows deny is not asked of all rows. */
async function askBoth(at: Question): Promise<Asked> {
  const some = await askColumn(at, "sampled", everything);
  const values = valuesOf(some.plain);
  if (values === 0) return askColumn(at, "loaded", everything);
  const all = (test: string) => some.plain(test) === values || some.formatted?.(test) === values;
  const most = (test: string) => Math.max(some.plain(test), some.formatted?.(test) ?? 0) >= values * 0.8;
  const numeric = most("numbers") || most("comma") || most("point") || most("zeros") || most("united");
  const dated = DATE_FORMS.some(({ name }) => all(`like ${name}`));
  if (!numeric && !dated && !["booleans", "dates", "stamps", "times", "clocks"].some(all))
    return { name: at.name, plain: () => 0 };
  // Of every value once, which saves most of the work where values repeat, and doubles it where they do not.
  const repeated = some.plain("kinds") < (values + some.plain("words")) / 2;
  const wanted: Wanted = (test) => {
    if (test === "present" || test === "words") return true;
    if (ALL_OR_NONE.includes(test) || test.startsWith("like ")) return all(test);
    if (DATE_FORMS.some(({ name }) => name === test)) return all(`like ${test}`);
    if (test === "timed" || test === "points") return dated;
    return numeric || (test === "digit" && (dated || all("times")));
  };
  return askColumn(at, "loaded", wanted, repeated);
}

/** Each question is asked only where the one before leaves something open. */
async function askColumn(at: Question, table: "loaded" | "sampled", wanted: Wanted, grouped = true): Promise<Asked> {
  const { connection, name, options } = at;
  const value = `${present(quote(name), options.missing)} AS v`;
  const values = grouped
    ? `SELECT ${value}, count(*) AS n FROM ${table} GROUP BY v`
    : `SELECT ${value}, 1 AS n FROM ${table}`;
  const called = TELLS_TIME.test(name) || TELLS_TIME.test(name.toLowerCase());
  const telling = called || options.kinds?.[name] === "time";
  const plain = await ask(connection, values, PLAIN, (test) => (test !== "clocks" || telling) && wanted(test));
  const open = !at.settled(plain) && plain("digit") >= valuesOf(plain) * ALMOST_ALL;
  if (!open) return { name, plain };
  const short = `SELECT * FROM (${values}) WHERE length(v) < 40`;
  const written = await ask(connection, short, FORMATTED, wanted);
  const alike = DATE_FORMS.filter((form) => written(`like ${form.name}`) === valuesOf(plain)).map((form) => form.name);
  const asks = (test: string) => alike.some((form) => form === test) && wanted(test);
  const dates = alike.length > 0 ? await ask(connection, short, PARSED, asks) : undefined;
  const units = written("united") > 0 ? await unitsOf(connection, short) : [];
  const [unit] = units;
  const numbers =
    units.length === 1 && unit !== undefined ? await ask(connection, short, unitTests(unit), wanted) : written;
  const formatted: Counts = (test) =>
    test in PARSED
      ? (dates?.(test) ?? 0)
      : test in WRITTEN || test === "dotted" || test === "grouped"
        ? numbers(test)
        : written(test);
  return { name, plain, formatted, ...(written("united") >= valuesOf(plain) * ALMOST_ALL && { units }) };
}

async function ask(
  connection: DuckDBConnection,
  values: string,
  tests: Readonly<Record<string, (v: string) => string>>,
  wanted: Wanted,
): Promise<Counts> {
  const sums = Object.entries(tests)
    .filter(([test]) => wanted(test))
    .map(([test, sql]) => `coalesce(sum(n) FILTER (${sql("v")}), 0)::DOUBLE AS ${test.replace(" ", "_")}`);
  const answer = await connection.runAndReadAll(
    `SELECT ${["count(*)::DOUBLE AS kinds", ...sums].join(", ")} FROM (${values})`,
  );
  const [row = {}] = answer.getRowObjectsJson();
  return (test) => Number(row[test.replace(" ", "_")] ?? 0);
}

const DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const STAMP =
  "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$";

const is = (pattern: string) => (v: string) => `regexp_matches(${v}, '${pattern.replaceAll("'", "''")}')`;

const PLAIN: Readonly<Record<string, (v: string) => string>> = {
  present: (v) => `${v} IS NOT NULL`,
  words: isMissingWord,
  integers: is(INTEGER),
  numbers: is(NUMBER),
  dotted: is(DOTTED),
  // 00501 is a code, not a number: its zeros must stay.
  zeros: is("^[+-]?0[0-9]+$"),
  digit: is("[0-9]"),
  // More than a number of a program keeps, which is 2^53.
  digits: (v) =>
    `regexp_matches(${v}, '^[+-]?[0-9]{16,}$') AND coalesce(abs(try_cast(${v} AS HUGEINT)) > 9007199254740992, true)`,
  clocks: is(DIGITS_OF_TIME),
  booleans: (v) => `lower(${v}) IN ('true', 'false')`,
  dates: (v) => `regexp_matches(${v}, '${DATE}') AND try_cast(${v} AS DATE) IS NOT NULL`,
  stamps: (v) => `regexp_matches(${v}, '${STAMP}') AND try_cast(${v} AS TIMESTAMPTZ) IS NOT NULL`,
};

const FORMATTED: Readonly<Record<string, (v: string) => string>> = {
  ...Object.fromEntries(Object.entries(WRITTEN).map(([name, pattern]) => [name, is(pattern)])),
  timed: (v) =>
    `regexp_matches(${v}, '[0-9][:.h][0-9]{2}([^0-9].*)?$|[0-9]T[0-9]') AND NOT regexp_matches(${v}, '^[0-9]+[./-][0-9]+[./-][0-9]+$')`,
  times: isTime,
  united: is(ANY_UNITED),
  points: is("^[0-9]+[.][0-9]+[.][0-9]"),
  ...Object.fromEntries(DATE_FORMS.map((form) => [`like ${form.name}`, (v: string) => looksLike(v, form)])),
};

const PARSED: Readonly<Record<string, (v: string) => string>> = Object.fromEntries(
  DATE_FORMS.map((form) => [form.name, (v: string) => `(${parsed(v, form)}) IS NOT NULL`]),
);
