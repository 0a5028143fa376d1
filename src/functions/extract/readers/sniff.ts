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
  { bytes: Buffer.from("%PDF"), kind: "a PDF" },
  { bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47]), kind: "a picture (PNG)" },
  { bytes: Buffer.from([0xff, 0xd8, 0xff]), kind: "a picture (JPEG)" },
  { bytes: Buffer.from("GIF8"), kind: "a picture (GIF)" },
  { bytes: Buffer.from("{\\rtf"), kind: "a text document (RTF)" },
  { bytes: Buffer.from("BZh"), kind: "compressed with bzip2" },
  { bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), kind: "compressed with xz" },
  { bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), kind: "compressed with Zstandard" },
  { bytes: Buffer.from("7z\u00bc\u00af", "latin1"), kind: "a 7-Zip archive" },
  { bytes: Buffer.from("ARROW1"), kind: "an Arrow (Feather) file" },
  { bytes: Buffer.from("ORC"), kind: "an ORC file" },
  { bytes: Buffer.from("Obj\u0001"), kind: "an Avro file" },
  { bytes: Buffer.from("\u0089HDF", "latin1"), kind: "an HDF5 file" },
  { bytes: Buffer.from("$FL2"), kind: "an SPSS file" },
];
/** A page of a web site, which downloads turn out to be, and which some programs call .xls. */
const PAGE = /^\s*(<!doctype html|<html|<\?xml|<table)/i;

/** What a file is: by its first bytes where they say it, otherwise by its ending, otherwise text with separators. */
export async function sniff(file: string, name: string): Promise<Format> {
  const head = await firstBytes(file, 4096);
  if (head.length === 0) {
    const fix = "Give a file with a header and rows.";
    throw new CauceError({ code: "TableEmpty", what: `${name} cannot be read.`, why: "It is an empty file.", fix });
  }
  const mark = MARKS.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes));
  if (mark?.reads) return mark.reads;
  if (mark && isWhole(head, mark.bytes)) throw notYet(name, mark.kind);
  if (PAGE.test(head.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, ""))) throw notYet(name, "a web page or XML");
  const known = BY_ENDING[extname(name).toLowerCase()];
  if (known === "xlsx" || known === "xls" || known === "parquet") throw broken(name, known);
  if (known === "delimited" && !(head.includes(0) && !utf16Of(head))) return known;
  return fromText(head, name, known);
}

/** A short mark of letters may as well be the name of a column. */
function isWhole(head: Buffer, mark: Buffer): boolean {
  return mark.length > 3 || mark.some((byte) => byte > 127) || head.includes(0);
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
    fix: "Give the table that it was made from, or save it as .csv, .tsv, .xlsx, .xls, .parquet, .json or .ndjson.",
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
