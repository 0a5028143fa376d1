import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { CauceError } from "#core";
import { raggedRows } from "./dialect.ts";
import { RecordSplitter, type Separator, type TextRecord } from "./records.ts";

export interface Shape {
  readonly separator: Separator;
  readonly width: number;
  /** The line of the first row of data. */
  readonly from: number;
  readonly name: string;
}

/** How many rows may stand below a table: sums, sources, remarks. */
const MOST_BELOW = 10;

/** Writes the rows of a text again with commas and quotes, without what stands below them; answers those lines. Constant memory. */
export async function normalise(file: string, copy: string, shape: Shape): Promise<readonly number[]> {
  const splitter = new RecordSplitter(shape.separator);
  await using out = await open(copy, "w");
  let odd: { readonly line: number; readonly cells: number }[] = [];
  let rows = 0;
  const write = async (records: readonly TextRecord[]) => {
    const lines: string[] = [];
    for (const { cells, line } of records) {
      if (line < shape.from) continue;
      if (cells.length === shape.width) {
        // Something stood out, and the table goes on: that was no row below it.
        if (odd.length > 0 && odd.length <= MOST_BELOW)
          odd = [...odd, ...Array.from({ length: MOST_BELOW }, () => FILLER)];
        lines.push(cells.map(quoted).join(","));
        rows++;
      } else if (odd.length < 1000) odd.push({ line, cells: cells.length });
    }
    if (lines.length > 0) await out.write(`${lines.join("\n")}\n`);
  };
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    await write(splitter.push(rows === 0 ? (chunk as string).replace(/^\ufeff/, "") : (chunk as string)));
  }
  if (splitter.open !== undefined) throw unclosed(shape.name, splitter.open);
  await write(splitter.end());
  const wrong = odd.filter((row) => row !== FILLER);
  const below = odd.length <= MOST_BELOW && wrong.every(({ cells }) => cells < shape.width);
  if (!below) throw raggedRows(wrong, shape.width, { name: shape.name });
  return wrong.map(({ line }) => line);
}

const FILLER = { line: 0, cells: 0 } as const;

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

function unclosed(name: string, line: number): CauceError {
  return new CauceError({
    code: "TableRagged",
    what: `${name} cannot be read.`,
    why: `Line ${line} has a quote that is never closed.`,
    fix: `Correct line ${line}: a quote inside a quoted value is written twice.`,
  });
}
