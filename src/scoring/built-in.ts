import type { Booster } from "./booster.ts";

/** How the built-in image's server answers; `contentType` is undefined for an answer without a body. */
export interface BuiltInReply {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

/** Scores rows of numbers as the XGBoost image does in algorithm mode: CSV without a header, or libsvm. */
export interface BuiltInScorer {
  reply(body: string | Uint8Array, contentType?: string): BuiltInReply;
}

const CSV = "text/csv; charset=utf-8";

export interface BuiltInOptions {
  /** In a batch transform job: a line for each prediction. */
  readonly batch?: boolean;
}

/**
 * AWS: algorithm_mode/serve.py of aws/sagemaker-xgboost-container: no body is 204, a body that cannot be parsed 415, a wrong number of
 * features 400, predictions are joined by commas as `text/csv`, rows of several outputs in brackets as Python prints a list. With
 * SAGEMAKER_BATCH, each prediction ends with a newline instead.
 */
export function createBuiltInScorer(booster: Booster, { batch = false }: BuiltInOptions = {}): BuiltInScorer {
  return {
    reply(body, contentType = "text/csv") {
      const text = (typeof body === "string" ? body : new TextDecoder().decode(body)).trim();
      if (body.length === 0) return plain(204, "");
      const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
      const parse = PARSERS[type];
      if (!parse)
        return plain(
          415,
          `Content-type ${type} not supported. Supported content-type is text/csv, text/libsvm, text/x-libsvm`,
        );
      const parsed = parse(text, booster.features);
      if (typeof parsed === "string") return plain(parsed.startsWith("Loading") ? 415 : 400, parsed);
      const said = format(booster.predict(parsed), booster.outputs);
      return { status: 200, body: batch ? `${said.join("\n")}\n` : said.join(","), contentType: CSV };
    },
  };
}

type Parse = (text: string, features: number) => Float32Array | string;
const PARSERS: Readonly<Record<string, Parse>> = {
  "text/csv": parseCsv,
  "text/libsvm": parseLibsvm,
  "text/x-libsvm": parseLibsvm,
};

function plain(status: number, body: string): BuiltInReply {
  return { status, body, contentType: "text/html; charset=utf-8" };
}

function parseCsv(text: string, features: number): Float32Array | string {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== "");
  const separator = sniff(lines[0] ?? "");
  const rows = new Float32Array(lines.length * features);
  for (const [i, line] of lines.entries()) {
    const cells = line.split(separator);
    if (cells.length !== features) return mismatch("csv", cells.length, features);
    for (const [j, cell] of cells.entries()) {
      const value = toNumber(cell);
      if (value === undefined)
        return `Loading csv data failed with Exception, please ensure data is in csv format:\n could not convert ${JSON.stringify(cell.slice(0, 40))} to a number`;
      rows[i * features + j] = value;
    }
  }
  return rows;
}

/** The image sniffs the first line for its delimiter, among these. */
function sniff(line: string): string {
  return [",", "\t", ";", "|", " "].find((separator) => line.includes(separator)) ?? ",";
}

/** Nothing is missing, and so is the word nan. */
function toNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (text === "" || /^[+-]?nan$/i.test(text)) return Number.NaN;
  const number = Number(text);
  return Number.isNaN(number) || /^[+-]?0[xob]/i.test(text) ? undefined : number;
}

/** `label index:value …` or without the label; what is not named is missing, indices count from 0. */
function parseLibsvm(text: string, features: number): Float32Array | string {
  const lines = text.split(/\r\n|\n|\r/);
  const rows = new Float32Array(lines.length * features).fill(Number.NaN);
  for (const [i, line] of lines.entries()) {
    for (const item of line.split(/\s+/)) {
      const colon = item.indexOf(":");
      if (colon === -1) continue;
      const index = Number(item.slice(0, colon));
      const value = toNumber(item.slice(colon + 1));
      if (!Number.isInteger(index) || index < 0 || value === undefined)
        return "Loading libsvm data failed with Exception, please ensure data is in libsvm format";
      if (index >= features) return mismatch("libsvm", index + 1, features);
      rows[i * features + index] = value;
    }
  }
  return rows;
}

function mismatch(kind: string, found: number, features: number): string {
  return `Unable to evaluate payload provided: Feature size of ${kind} inference data ${found} is not consistent with feature size of trained model ${features}.`;
}

function format(predictions: Float32Array, outputs: number): string[] {
  const numbers = Array.from(predictions, pythonFloat);
  if (outputs === 1) return numbers;
  return Array.from(
    { length: numbers.length / outputs },
    (_, row) => `[${numbers.slice(row * outputs, (row + 1) * outputs).join(", ")}]`,
  );
}

/** As Python's `str(float)`: always with a point or an exponent, small numbers from 1e-05 on with one of two digits. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}
