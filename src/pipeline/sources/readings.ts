import { open } from "node:fs/promises";
import { extname } from "node:path";
import { CauceError } from "#core";
import type { DataSettings } from "../define.ts";

/** Refuses what is said of a database's table as if it were a file: its columns have names, and it has no sheets. */
export function refuseReadings(data: DataSettings): void {
  if (data.sheet !== undefined) throw sheetless(data.source);
  if (data.header === false) throw named(data.source);
}

/** The same of a file, by its first bytes; one that is compressed, or of an unknown kind, is for the reader to judge. */
export async function refuseReadingsOf(file: string, data: DataSettings): Promise<void> {
  if (data.sheet === undefined && data.header !== false) return;
  const kind = await kindOf(file);
  if (data.sheet !== undefined && (kind === "text" || kind === "named")) throw sheetless(data.source);
  if (data.header === false && kind === "named") throw named(data.source);
}

/** `named`: a format whose columns have names of their own. */
async function kindOf(file: string): Promise<"workbook" | "named" | "text" | "packed"> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const head = buffer.toString("latin1");
  if (head === "PK\u0003\u0004" || head === "\u00d0\u00cf\u0011\u00e0") return "workbook";
  if (head.startsWith("\u001f\u008b")) return "packed";
  if (head === "PAR1" || [".json", ".ndjson", ".jsonl"].includes(extname(file).toLowerCase())) return "named";
  return "text";
}

function sheetless(source: string): CauceError {
  return new CauceError({
    code: "NotAWorkbook",
    what: `${shown(source)} cannot be asked for a sheet.`,
    why: "It is no Excel workbook.",
    fix: "Leave out `--sheet` (`data.sheet`); the table of a database is named with `--table`.",
  });
}

function named(source: string): CauceError {
  return new CauceError({
    code: "ColumnsNamed",
    what: `${shown(source)} cannot be read without a header.`,
    why: "Its columns have names of their own, which do not stand in a row.",
    fix: "Leave out `--no-header` (`data.header`): it is for .csv, .tsv and Excel files.",
  });
}

function shown(source: string): string {
  return source.replace(/:[^@/]*@/, "@");
}
