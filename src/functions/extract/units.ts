import type { DuckDBConnection } from "@duckdb/node-api";
import { escapeUnit, figurePattern, type NumberFormat, unitedPattern } from "#scoring";
import { DOTTED, plainNumber, WRITTEN } from "./numbers.ts";

/** Money, by its sign or its code, and shares. Kilograms and rooms are not among them: what stands after a number is often its name. */
const UNIT = [
  "(?:US|CA|AU|NZ|HK|NT|A|C|R|S)?\\p{Sc}",
  "[%‰]",
  "AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|NOK|NZD|PLN|RON|SEK|SGD|THB|TRY|USD|ZAR",
  "kr|zł|Kč|Ft",
].join("|");

/** Of any unit, in either notation. */
export const ANY_UNITED = `^(?:${unitedPattern(`(?:${UNIT})`, "(?:[0-9.,'’ \u00a0\u202f]*[0-9][.,]?)")})$`;

const sql = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The different units in the column `v`, the most frequent first. */
export async function unitsOf(connection: DuckDBConnection, values: string): Promise<readonly string[]> {
  const unit = `regexp_extract(v, ${sql(UNIT)})`;
  const answer = await connection.runAndReadAll(
    `SELECT ${unit} AS unit FROM (${values}) WHERE regexp_matches(v, ${sql(ANY_UNITED)}) GROUP BY unit ORDER BY sum(n) DESC, unit LIMIT 5`,
  );
  return answer.getRowObjectsJson().map((row) => String(row["unit"]));
}

/** As is asked of other numbers, of what stands beside the unit. */
export function unitTests(unit: string): Readonly<Record<string, (v: string) => string>> {
  const united = (decimal: "." | ",") => (v: string) => isUnited(v, { unit, decimal });
  const bare = (pattern: string) => (v: string) => `regexp_matches(${figureOf(v, unit)}, ${sql(pattern)})`;
  return {
    comma: united(","),
    point: united("."),
    commaOnly: bare(WRITTEN["commaOnly"] ?? ""),
    pointOnly: bare(WRITTEN["pointOnly"] ?? ""),
    dotted: bare(DOTTED),
    grouped: bare("^[1-9][0-9]{0,2}(,[0-9]{3})+$"),
  };
}

export const isUnited = (v: string, { unit, decimal }: NumberFormat): string =>
  `regexp_matches(${v}, ${sql(`^(?:${unitedPattern(escapeUnit(unit), figurePattern(decimal))})$`)})`;

/** SQL: the number of such a text as a number is written in SQL, or null where it is none. */
export function unitedNumber(v: string, format: NumberFormat): string {
  const number = plainNumber(figureOf(v, format.unit), format.decimal);
  const sign = `CASE WHEN regexp_matches(${v}, '[(-]') THEN '-' ELSE '' END`;
  return `CASE WHEN ${isUnited(v, format)} THEN ${sign} || ${number} END`;
}

/** SQL: without sign, brackets and unit. */
function figureOf(v: string, unit: string): string {
  return `trim(regexp_replace(${v}, ${sql(`${escapeUnit(unit)}|[()+-]`)}, '', 'g'), ' \u00a0\u202f')`;
}

/** The longest text tells what there is: `€ #,##0.00`. */
export function unitedFormat(longest: string, { unit, decimal }: NumberFormat): string {
  const bare = longest.replaceAll(/[()+-]/g, "").trim();
  const figure = bare.replace(unit, "").trim();
  const blank = bare.length > unit.length + figure.length ? " " : "";
  const pattern = figureFormat(figure, decimal);
  return bare.startsWith(unit) ? `${unit}${blank}${pattern}` : `${pattern}${blank}${unit}`;
}

function figureFormat(figure: string, decimal: "." | ","): string {
  const [whole = "", decimals = ""] = figure.split(decimal);
  const [, group] = /^[0-9]+([^0-9])[0-9]{3}/.exec(whole) ?? [];
  const grouped = group === undefined ? "0" : `#${group}##0`;
  if (decimals !== "") return `${grouped}${decimal}${"0".repeat(decimals.length)}`;
  // Without decimals only the groups tell which sign they would have.
  if (decimal === "." || group === ".") return grouped;
  return group === undefined ? "#.##0" : `${grouped},00`;
}
