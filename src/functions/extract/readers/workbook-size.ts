import { openPromise } from "yauzl";
import { CauceError } from "#core";
import type { ReadRequest } from "./reader.ts";

/** What a megabyte of a workbook's XML takes while it is read, and a little more. */
const EXPANSION = 12;

/** A workbook is read as a whole: one that would not fit is refused before it takes the memory. */
export async function assertFits({ file, name, memoryMegabytes }: ReadRequest): Promise<void> {
  const megabytes = (await unpackedBytes(file)) / 1024 / 1024;
  const most = memoryMegabytes / EXPANSION;
  if (megabytes <= most) return;
  throw new CauceError({
    code: "TableTooLarge",
    what: `${name} cannot be read.`,
    why: `Its cells take ${Math.round(megabytes)} MB unpacked, and a workbook must fit into memory: at most ${Math.floor(most)} MB, which is about ${cellsOf(most)} million cells.`,
    fix: "Save the sheet as .csv or .parquet, which are read however long they are, or split it into several workbooks in one folder.",
  });
}

/** The sheets and the texts that they share, as the zip's own list says. */
async function unpackedBytes(file: string): Promise<number> {
  let bytes = 0;
  const zip = await openPromise(file).catch(() => undefined);
  // What is no zip is told by the reader itself.
  if (!zip) return 0;
  try {
    for await (const entry of zip.eachEntry())
      if (/^xl\/(worksheets|sharedStrings)/.test(entry.fileName)) bytes += entry.uncompressedSize;
  } finally {
    zip.close();
  }
  return bytes;
}

function cellsOf(megabytes: number): string {
  return ((megabytes * 1024 * 1024) / 36 / 1e6).toFixed(1);
}
