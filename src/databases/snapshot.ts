import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CauceError } from "#core";

export type Cell = string | number | bigint | boolean | null | undefined | Uint8Array;

/** Rows of a database, the columns' names first. */
export type Rows = AsyncIterable<readonly Cell[]>;

/** What a database answered. */
export interface Snapshot {
  readonly name: string;
  readonly sha256: string;
  readonly file: string;
}

/** Writes what a database answers as text with commas; Extract decides what the texts are, as with any other table. Constant memory. */
export async function snapshot(rows: Rows, name: string, folder: string): Promise<Snapshot> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${randomUUID()}`);
  const hash = createHash("sha256");
  let count = -1;
  try {
    // Its rows are somebody's data: nobody else on this machine may read them.
    await using out = await open(temporary, "wx", 0o600);
    let text = "";
    const flush = async () => {
      hash.update(text);
      await out.write(text);
      text = "";
    };
    for await (const row of rows) {
      text += `${row.map(toText).join(",")}\n`;
      count++;
      if (text.length > 1 << 20) await flush();
    }
    await flush();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (count < 1) {
    await rm(temporary, { force: true });
    throw new CauceError({
      code: "TableEmpty",
      what: `${name} cannot be learned from.`,
      why: "The database answers no row.",
      fix: "Name another table with `--table`, or a query that has rows with `--query`.",
    });
  }
  const sha256 = hash.digest("hex").slice(0, 32);
  const file = join(folder, `${sha256}.csv`);
  await rename(temporary, file);
  return { name: `${name}.csv`, sha256, file };
}

function toText(cell: Cell): string {
  if (cell === null || cell === undefined) return '""';
  if (cell instanceof Uint8Array) return `"${Buffer.from(cell).toString("hex")}"`;
  return `"${String(cell).replaceAll('"', '""')}"`;
}

/** Which table is meant: as said, or the only one. */
export function chooseTable(tables: readonly string[], said: string | undefined, shown: string): string {
  if (said !== undefined) {
    const found = tables.find((table) => table === said) ?? tables.find((table) => table.endsWith(`.${said}`));
    if (found !== undefined) return found;
  } else if (tables.length === 1 && tables[0] !== undefined) return tables[0];
  const list = tables.length === 0 ? "There is none that this user may read." : `Its tables are: ${tables.join(", ")}.`;
  throw new CauceError({
    code: "TableMissing",
    what: `${shown} cannot be read.`,
    why:
      said === undefined
        ? `It has ${tables.length} tables, and none was named.`
        : `It has no table ${JSON.stringify(said)}.`,
    fix: `Name one with \`--table\` (or \`data.table\`), or ask with \`--query\`. ${list}`,
  });
}

export function quoteName(table: string, quote = '"'): string {
  const parts = quote === '"' ? [table] : table.split(".");
  return parts.map((part) => `${quote}${part.replaceAll(quote, quote + quote)}${quote}`).join(".");
}

/** The database's own words: its grammar or its data is what the person can mend. */
export function refused(shown: string, error: unknown, fix: string): CauceError {
  const why = error instanceof Error ? error.message || ((error as NodeJS.ErrnoException).code ?? "") : String(error);
  return new CauceError({ code: "DatabaseRefused", what: `${shown} cannot be read.`, why, fix }, { cause: error });
}
