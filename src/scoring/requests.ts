import { isRecord } from "#core";

import { parseCsv } from "./csv.ts";
import type { Features } from "./features.ts";
import {
  emptyBody,
  InputError,
  invalidCsv,
  invalidJson,
  LISTED,
  notAnObject,
  type Problem,
  unknownField,
  unsupportedContentType,
  wrongShape,
  wrongType,
} from "./problems.ts";
import { compileReader, expectedOf, trim } from "./readers.ts";

/** A request's rows as the model's numbers, and whether the answer is an array. A single row is only good until the next read. */
export interface Rows {
  readonly rows: Float32Array;
  readonly many: boolean;
}

export interface RequestReader {
  /** Reads a body; a caller's mistake is an InputError. */
  read(body: string | Uint8Array, contentType?: string): Rows;
  /** Encodes records that are parsed already. */
  encode(records: readonly unknown[], many: boolean): Float32Array;
}

export function compileRequests(features: Features): RequestReader {
  const width = features.features.length;
  const fill = compileFill(features);
  const single = new Float32Array(width);

  const encode = (records: readonly unknown[], many: boolean): Float32Array => {
    const rows = new Float32Array(records.length * width).fill(Number.NaN);
    const listed: Problem[] = [];
    let count = 0;
    records.forEach((record, i) => {
      const found = isRecord(record) ? fill(record, rows, i * width) : [() => notAnObject(i + 1, record)];
      if (!found) return;
      count += found.length;
      for (const explain of found.slice(0, LISTED - listed.length))
        listed.push(many ? inRow(explain(), i + 1) : explain());
    });
    refuse(listed, count);
    return rows;
  };

  return {
    encode,
    read(body, contentType = "application/json") {
      const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
      if (type !== "application/json" && type !== "text/csv") throw unsupportedContentType(type);
      const text = decode(body, type);
      if (trim(text) === "") throw emptyBody();
      if (type === "text/csv") return { rows: encode(parseCsv(text), true), many: true };
      const value = parse(text);
      if (Array.isArray(value)) return { rows: encode(value, true), many: true };
      if (!isRecord(value)) throw wrongShape(value);
      const found = fill(value, single.fill(Number.NaN), 0);
      if (found)
        refuse(
          found.slice(0, LISTED).map((explain) => explain()),
          found.length,
        );
      return { rows: single, many: false };
    },
  };
}

/** Only those that are listed are explained: to find the closest of many names for each of many fields takes its time. */
type Explain = () => Problem;

/** Writes a record into a row; what is wrong with it, or undefined. */
type Fill = (record: Record<string, unknown>, row: Float32Array, at: number) => Explain[] | undefined;

function compileFill(features: Features): Fill {
  const fields = features.fields.map((field) => {
    const columns = features.features.flatMap((feature, column) =>
      feature.field === field.name ? [{ column, encoding: feature.encoding }] : [],
    );
    // "constructor" and its like are members of every object; only there is the slower question needed.
    const inherited = field.name in Object.prototype;
    return { name: field.name, read: compileReader(field, columns), expected: expectedOf(field), inherited };
  });
  const names = fields.map(({ name }) => name);
  const known = new Set([...names, ...features.ignored]);
  const refusesUnknown = features.unknownFields === "refuse";
  return (record, row, at) => {
    let problems: Explain[] | undefined;
    for (const { name, read, expected, inherited } of fields) {
      const value = inherited && !Object.hasOwn(record, name) ? undefined : record[name];
      if (value === undefined) continue;
      if (!read(value, row, at)) (problems ??= []).push(() => wrongType(name, expected, value));
    }
    if (refusesUnknown) {
      let unknown: string[] | undefined;
      for (const name in record) if (!known.has(name)) (unknown ??= []).push(name);
      for (const name of unknown?.sort() ?? []) (problems ??= []).push(() => unknownField(name, names));
    }
    return problems;
  };
}

function refuse([first, ...rest]: readonly Problem[], count: number): void {
  if (first) throw new InputError([first, ...rest], { count });
}

function inRow(problem: Problem, row: number): Problem {
  const message = problem.code === "WrongShape" ? problem.message : `Row ${row}: ${problem.message}`;
  return { ...problem, message, row };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Without the byte order mark. */
function decode(body: string | Uint8Array, type: string): string {
  if (typeof body === "string") return body.charCodeAt(0) === 0xfeff ? body.slice(1) : body;
  try {
    return utf8.decode(body);
  } catch {
    throw type === "text/csv" ? invalidCsv("The body is not valid UTF-8 text.") : invalidJson();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidJson();
  }
}
