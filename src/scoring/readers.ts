import { compileDatetime, compileTime, type Parts } from "./dates.ts";
import { expectedDatetime, expectedTime } from "./expected-dates.ts";
import { ENCODINGS, type Field } from "./features.ts";
import { compileUnited, expectedNumber } from "./units.ts";

/** Writes a value's numbers into the model's row; false when the value has the wrong type. `at` is where the row begins. */
export type Reader = (value: unknown, row: Float32Array, at: number) => boolean;

/** What a 32-bit float still holds. */
export const LARGEST = 3.4e38;

/** How to read one field into the columns of its encodings; the rules are in docs/contracts/features.md. */
export function compileReader(
  field: Field,
  columns: readonly { readonly column: number; readonly encoding: string }[],
): Reader {
  switch (field.kind) {
    case "number":
      return single(columns, field.format === undefined ? readNumber : compileNumber(field.format));
    case "boolean":
      return single(columns, readBoolean);
    case "category":
      return single(columns, compileCategory(field.categories ?? []));
    case "datetime":
      return several(columns, ENCODINGS.datetime, compileDatetime(field.format, trim));
    case "time":
      return several(columns, ENCODINGS.time, compileTime(field.format, trim));
    case "text":
      return several(columns, ENCODINGS.text, readText);
  }
}

/** What an error says was expected. */
export function expectedOf(field: Field): string {
  if (field.kind === "category") return isNumeric(field.categories ?? []) ? "text or a number" : "text";
  if (field.kind === "number" && field.format !== undefined) return expectedNumber(field.format);
  if (field.kind === "datetime") return expectedDatetime(field.format);
  if (field.kind === "time") return expectedTime(field.format);
  return EXPECTED[field.kind];
}

const EXPECTED = {
  number: "a number",
  boolean: "true or false",
  text: "text",
} as const;

type Columns = readonly { readonly column: number; readonly encoding: string }[];
/** NaN is missing, undefined the wrong type. */
type Single = (value: unknown) => number | undefined;

function single(columns: Columns, read: Single): Reader {
  const places = columns.map(({ column }) => column);
  return (value, row, at) => {
    const number = read(value);
    if (number === undefined) return false;
    for (const place of places) row[at + place] = number;
    return true;
  };
}

function several(columns: Columns, order: readonly string[], read: Parts): Reader {
  const places = columns.map(({ column, encoding }) => ({ column, part: order.indexOf(encoding) }));
  return (value, row, at) => {
    const parts = read(value);
    if (parts === undefined) return false;
    for (const { column, part } of places) row[at + column] = parts === null ? Number.NaN : (parts[part] ?? Number.NaN);
    return true;
  };
}

/** Only these four are white space: what a language calls white space differs. */
export function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

const NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Math.abs(value) <= LARGEST ? value : undefined;
  if (value === undefined || value === null) return Number.NaN;
  if (typeof value !== "string") return undefined;
  const text = trim(value);
  if (text === "") return Number.NaN;
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Math.abs(number) <= LARGEST ? number : undefined;
}

/** The bare number, or the text with the unit. */
function compileNumber(format: string): Single {
  const united = compileUnited(format);
  return (value) => {
    const bare = readNumber(value);
    if (bare !== undefined || typeof value !== "string") return bare;
    const number = united(trim(value));
    return number !== undefined && Math.abs(number) <= LARGEST ? number : undefined;
  };
}

function readBoolean(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === undefined || value === null) return Number.NaN;
  if (typeof value === "number") return value === 0 || value === 1 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const text = trim(value);
  return text === "" ? Number.NaN : TRUTH.get(text.toLowerCase());
}

const TRUTH: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["1", 1],
  ["false", 0],
  ["0", 0],
]);

function isNumeric(categories: readonly (string | number)[]): boolean {
  return categories.some((category) => typeof category !== "string");
}

function compileCategory(categories: readonly (string | number)[]): Single {
  const numeric = isNumeric(categories);
  const codes = new Map(categories.map((category, code) => [String(category === 0 ? 0 : category), code]));
  return (value) => {
    if (typeof value === "string") {
      const known = codes.get(value);
      if (known !== undefined) return known;
      const text = trim(value);
      return codes.get(numeric && NUMBER.test(text) ? numberText(Number(text)) : text) ?? Number.NaN;
    }
    if (value === undefined || value === null) return Number.NaN;
    return typeof value === "number" && Number.isFinite(value)
      ? (codes.get(numberText(value)) ?? Number.NaN)
      : undefined;
  };
}

/** As JavaScript prints it; Python follows. */
export function numberText(value: number): string {
  return value === 0 ? "0" : String(value);
}

function readText(value: unknown): readonly number[] | null | undefined {
  if (value === undefined || value === null) return null;
  const text =
    typeof value === "string"
      ? trim(value)
      : typeof value === "number" && Number.isFinite(value)
        ? numberText(value)
        : undefined;
  if (text === undefined) return undefined;
  if (text === "") return null;
  let length = 0;
  for (const _ of text) length++;
  return [length, text.match(/[^ \t\r\n]+/g)?.length ?? 0];
}
