import { CauceError, closest } from "#core";
import { type FieldKind, numberFormat } from "#scoring";
import { literal, quote } from "../extract/profile.ts";
import type { SettledColumn } from "../extract/types.ts";
import { isMissingWord, present } from "../extract/values.ts";
import { isTyped, type OutputFormat } from "./formats.ts";
import type { Served } from "./served-fields.ts";

/** What the model needs and the table does not have is an error; what it does not know is a note. */
export function checkColumns(names: readonly string[], served: Served, table: string): readonly string[] {
  const missing = served.fields.map(({ name }) => name).filter((name) => !names.includes(name));
  const fields = new Set([...served.fields.map(({ name }) => name), ...served.ignored, served.target]);
  const unknown = served.fields.length === 0 ? [] : names.filter((name) => !fields.has(name));
  if (missing.length > 0) throw columnsMissing(missing, unknown, table);
  if (unknown.length === 0) return [];
  const shown = unknown.slice(0, 10).map((name) => JSON.stringify(name));
  const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : "";
  return [`The model does not know ${shown.join(", ")}${more}: kept in the output, not used.`];
}

function columnsMissing(missing: readonly string[], unknown: readonly string[], table: string): CauceError {
  const named = missing.map((name) => {
    const near = closest(name, unknown);
    return `${JSON.stringify(name)}${near === undefined ? "" : ` (there is ${JSON.stringify(near)})`}`;
  });
  return new CauceError({
    code: "ColumnsMissing",
    what: `The model cannot answer ${table}.`,
    why: `It needs ${missing.length === 1 ? "a column" : "columns"} that the table does not have: ${named.join(", ")}.`,
    fix: `Add ${missing.length === 1 ? "it" : "them"}, with empty cells where nothing is known; the names are those of the table that the model was trained on.`,
  });
}

/** A column for the model: what is selected, and perhaps the text where a cell is not what its column is. */
export interface Asked {
  readonly name: string;
  readonly sql: readonly string[];
  /** Whether no cell can be one that the model refuses. */
  readonly safe: boolean;
}

const SAFE: Readonly<Record<FieldKind, readonly string[]>> = {
  number: ["BIGINT", "DOUBLE"],
  boolean: ["BOOLEAN"],
  datetime: ["DATE", "TIMESTAMP"],
  time: ["TIME"],
  category: [],
  text: [],
};

/**
 * How the cells of a field become values of a request. `e` is the table with types, `r` as it was read. Classes and texts go as they
 * stand there, since 007 is not 7; numbers and dates as they were understood, whatever their notation.
 */
export function askedColumns(
  columns: readonly SettledColumn[],
  served: Served,
  missing: readonly string[] = [],
): readonly Asked[] {
  const kinds = new Map(served.fields.map(({ name, kind }) => [name, kind]));
  const units = new Map(
    served.fields.map(({ name, kind, format }) => [name, kind === "number" ? unitOf(format) : undefined]),
  );
  const told = served.fields.length > 0;
  const wanted = columns.filter(({ name }) => (told ? kinds.has(name) : name !== served.target));
  return wanted.map(({ name, type, unread, format }) => {
    const [e, r] = [`e.${quote(name)}`, `r.${quote(name)}`];
    const kind = kinds.get(name);
    const numeric = type === "BIGINT" || type === "DOUBLE";
    const word =
      kind === "category" || kind === "text" || (kind === "number" && !isOurNumber(type, format, units.get(name)));
    // A column of texts has been read like that already.
    if (word && type !== "VARCHAR") return { name, sql: [present(`${r}::VARCHAR`, missing)], safe: kind !== "number" };
    const typed = numeric ? `${e}::DOUBLE` : type === "BOOLEAN" ? e : `${e}::VARCHAR`;
    const safe = (word && kind !== "number") || kind === undefined || SAFE[kind].includes(type);
    if (unread === 0) return { name, sql: [typed], safe };
    const text = present(`${r}::VARCHAR`, missing);
    return {
      name,
      sql: [typed, `CASE WHEN ${e} IS NULL AND NOT ${isMissingWord(`(${text})`)} THEN ${text} END`],
      safe: false,
    };
  });
}

/** What looks like a time of day here may be 18.05 there; dollars are for the model to refuse that learned from euros. */
function isOurNumber(type: string, format: string | undefined, unit: string | undefined): boolean {
  const found = type === "DOUBLE" ? unitOf(format) : undefined;
  return ["BIGINT", "DOUBLE", "BOOLEAN"].includes(type) && (found === undefined || found === unit);
}

function unitOf(format: string | undefined): string | undefined {
  return format === undefined ? undefined : numberFormat(format)?.unit;
}

/** A record as JSON: the database writes it three times as fast as it hands over the cells. */
export function recordSql(asked: readonly Asked[]): string {
  return `to_json({${asked.map(({ name, sql }) => `${literal(name)}: ${sql[0]}`).join(", ")}})::VARCHAR`;
}

/** The columns as they will be written: with types where the format has some and no cell would be lost, else as they were read. */
export function keptColumns(columns: readonly SettledColumn[], format: OutputFormat): readonly string[] {
  return columns.map(({ name, type, unread }) => {
    const from = isTyped(format) && type !== "VARCHAR" && unread === 0 ? "e" : "r";
    return `${from}.${quote(name)} AS ${quote(name)}`;
  });
}
