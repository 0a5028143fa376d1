import { closest } from "#core";

import { LARGEST, numberText } from "./readers.ts";

/** One thing that is wrong with a request; the contract is docs/contracts/features.md. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly expected?: string;
  readonly row?: number;
}

export const LISTED = 10;
/** Longer names are not compared with those that are known. */
const LONGEST_NAME = 200;

/** The caller's mistake: a status and the JSON body that explains it. */
export class InputError extends Error {
  readonly status: number;
  readonly body: string;

  constructor(
    problems: readonly [Problem, ...Problem[]],
    options: { readonly count?: number; readonly status?: number } = {},
  ) {
    super(problems[0].message);
    this.name = "InputError";
    this.status = options.status ?? 400;
    const count = options.count ?? 1;
    this.body = JSON.stringify(
      count > 1 ? { error: problems[0], errors: problems, errorCount: count } : { error: problems[0] },
    );
  }
}

export function emptyBody(): InputError {
  return new InputError([
    {
      code: "EmptyBody",
      message: "The request has no body. Send a JSON object with the model's fields, or an array of them.",
    },
  ]);
}

export function invalidJson(): InputError {
  return new InputError([{ code: "InvalidJson", message: "The body is not valid JSON." }]);
}

export function invalidCsv(message: string, row?: number): InputError {
  return new InputError([{ code: "InvalidCsv", message, ...(row === undefined ? {} : { row }) }]);
}

export function wrongShape(value: unknown): InputError {
  return new InputError([
    {
      code: "WrongShape",
      message: `The body must be an object or an array of objects, but it is ${described(value)}.`,
    },
  ]);
}

export function unsupportedContentType(type: string): InputError {
  const message = `The content type ${shown(type)} is not supported. Send application/json, or text/csv with a header.`;
  return new InputError([{ code: "UnsupportedContentType", message }], { status: 415 });
}

export function wrongType(field: string, expected: string, value: unknown): Problem {
  return {
    code: "WrongType",
    message: `${JSON.stringify(field)} must be ${expected}, but it is ${described(value)}.`,
    field,
    expected,
  };
}

export function unknownField(field: string, known: readonly string[]): Problem {
  return {
    code: "UnknownField",
    message: `${shown(field)} is not a field of this model. ${hint(field, known)}`,
    field,
  };
}

export function notAnObject(row: number, value: unknown): Problem {
  return { code: "WrongShape", message: `Row ${row} must be an object, but it is ${described(value)}.` };
}

function hint(name: string, known: readonly string[]): string {
  const best = name.length <= LONGEST_NAME ? closest(name, known) : undefined;
  if (best !== undefined) return `Did you mean ${JSON.stringify(best)}?`;
  const names = known.slice(0, LISTED).map((one) => JSON.stringify(one));
  return `Its fields are: ${names.join(", ")}${known.length > LISTED ? ", …" : ""}.`;
}

function described(value: unknown): string {
  if (typeof value === "string") return `the text ${shown(value)}`;
  if (typeof value === "number")
    return Math.abs(value) <= LARGEST ? `the number ${numberText(value)}` : "a number that is too large";
  if (value === null || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}

function shown(text: string): string {
  const letters = Array.from(JSON.stringify(text));
  return letters.length <= 40 ? letters.join("") : `${letters.slice(0, 40).join("")}…`;
}
