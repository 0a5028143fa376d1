import { open } from "node:fs/promises";
import { extname } from "node:path";
import { CauceError } from "#core";
import { utf16Of } from "./encoding.ts";
import type { Format } from "./reader.ts";

const BY_ENDING: Readonly<Record<string, Format>> = {
  ".csv": "delimited",
  ".tsv": "delimited",
  ".tab": "delimited",
  ".txt": "delimited",
  ".data": "delimited",
  ".dat": "delimited",
  ".xlsx": "xlsx",
  ".xlsm": "xlsx",
  ".xls": "xls",
  ".parquet": "parquet",
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
};

/** The first bytes that give a format away; `reads` when we read it. */
const MARKS: readonly { readonly bytes: Buffer; readonly kind: string; readonly reads?: Format }[] = [
  { bytes: Buffer.from("PAR1"), kind: "Parquet", reads: "parquet" },
  { bytes: Buffer.from([0x50, 0x4b, 3, 4]), kind: "an Excel workbook", reads: "xlsx" },
  { bytes: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), kind: "an old Excel workbook", reads: "xls" },
  { bytes: Buffer.from("SQLite format 3"), kind: "an SQLite database, whose tables are read where it lies" },
];

/** What a file is: by its first bytes where they say it, otherwise by its ending, otherwise text with separators. */
export async function sniff(file: string, name: string): Promise<Format> {
  const head = await firstBytes(file, 4096);
  if (head.length === 0) {
    const fix = "Give a file with a header and rows.";
    throw new CauceError({ code: "TableEmpty", what: `${name} cannot be read.`, why: "It is an empty file.", fix });
  }
  const mark = MARKS.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes));
  if (mark?.reads) return mark.reads;
  if (mark) throw notYet(name, mark.kind);
  const known = BY_ENDING[extname(name).toLowerCase()];
  if (known === "xlsx" || known === "xls" || known === "parquet") throw broken(name, known);
  if (known === "delimited" && !(head.includes(0) && !utf16Of(head))) return known;
  return fromText(head, name, known);
}

function fromText(head: Buffer, name: string, known: Format | undefined): Format {
  const text = head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (text.startsWith("[")) return "json";
  // One object a line, or one object for the whole file.
  if (text.startsWith("{")) return known ?? (/\}\s*\n\s*\{/.test(text) ? "ndjson" : "json");
  if (known !== undefined && known !== "delimited") throw broken(name, known);
  if (head.includes(0) && !utf16Of(head)) throw notYet(name, "a binary file of an unknown kind");
  return "delimited";
}

/** Whether a file is a gzip stream. */
export async function isGzip(file: string): Promise<boolean> {
  const head = await firstBytes(file, 2);
  return head[0] === 0x1f && head[1] === 0x8b;
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
  return buffer.subarray(0, bytesRead);
}

function notYet(name: string, kind: string): CauceError {
  return new CauceError({
    code: "FormatUnknown",
    what: `${name} cannot be read.`,
    why: `It is ${kind}, which is not read.`,
    fix: "Save it as .csv, .tsv, .xlsx, .xls, .parquet, .json or .ndjson.",
  });
}

function broken(name: string, format: Format): CauceError {
  return new CauceError({
    code: "FormatBroken",
    what: `${name} cannot be read.`,
    why: `Its ending says ${format}, its content does not.`,
    fix: "Save it again, or give it the ending of what it is.",
  });
}
