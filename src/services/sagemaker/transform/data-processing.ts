import { isRecord } from "#core";
import { readRow, writeRow } from "./csv-row.ts";
import { type Filter, readFilter } from "./json-filter.ts";
import { formatOf } from "./request.ts";
import { BadData } from "./bad-data.ts";
import type { TransformRequest } from "./state.ts";

/** What happens to each record before the model sees it, and to each answer before it is kept. */
export interface DataProcessing {
  toInput(record: string): string;
  /** Undefined: answers are kept as the model gives them, whatever their number. */
  readonly toOutput: ((record: string, answer: string) => string) | undefined;
}

/** Undefined when the request leaves everything as it is. */
export function readProcessing(request: TransformRequest): DataProcessing | undefined {
  const { InputFilter = "$", OutputFilter = "$", JoinSource = "None" } = request.DataProcessing ?? {};
  const joins = JoinSource === "Input";
  if (InputFilter === "$" && OutputFilter === "$" && !joins) return undefined;
  const format = formatOf(request.TransformInput.ContentType) === "csv" ? CSV : JSON_RECORDS;
  const input = InputFilter === "$" ? undefined : filterOf("InputFilter", InputFilter);
  const output = OutputFilter === "$" ? undefined : filterOf("OutputFilter", OutputFilter);
  return {
    toInput: (record) => (input ? format.write(input(format.read(record, "input"))) : record),
    toOutput:
      joins || output
        ? (record, answer) => {
            const joined = joins ? format.join(record, answer) : answer;
            return output ? format.write(output(format.read(joined, "output"))) : joined;
          }
        : undefined,
  };
}

type Select = (record: unknown) => unknown;

function filterOf(name: string, path: string): Select {
  const filter = readFilter(path) as Filter;
  return (record) => {
    const found = filter.select(record);
    if (found === undefined) throw new BadData(`${name} ${path} finds nothing in a record.`);
    return found;
  };
}

interface Format {
  read(text: string, what: "input" | "output"): unknown;
  write(value: unknown): string;
  join(record: string, answer: string): string;
}

const CSV: Format = {
  read: (text) => readRow(text),
  write: (value) => writeRow(Array.isArray(value) ? value : [value]),
  join: (record, answer) => `${record},${answer}`,
};

const JSON_RECORDS: Format = {
  read: readJson,
  write: (value) => JSON.stringify(value),
  // AWS: an object gets one member more; anything else becomes a member itself. "DataProcessing" in the API reference.
  join(record, answer) {
    const output = oneLine(answer);
    const input = readJson(record, "input");
    if (!isRecord(input)) return `{"SageMakerInput":${oneLine(record)},"SageMakerOutput":${output}}`;
    if (Object.hasOwn(input, "SageMakerOutput") || Object.keys(input).length === 0)
      return JSON.stringify({ ...input, SageMakerOutput: readJson(answer, "output") });
    // Put into the text, so that numbers stay as they were written.
    return `${record.trimEnd().slice(0, -1).trimEnd()},"SageMakerOutput":${output}}`;
  },
};

function oneLine(text: string): string {
  const value = readJson(text, "output");
  return text.includes("\n") ? JSON.stringify(value) : text.trim();
}

function readJson(text: string, what: "input" | "output"): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const whose = what === "input" ? "A record of the input" : "An answer of the model";
    throw new BadData(`${whose} is not JSON: ${text.slice(0, 100)}`);
  }
}
