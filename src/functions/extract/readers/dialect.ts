import { CauceError } from "#core";

export interface Dialect {
  readonly separator: string;
  /** Blank lines before the first record. */
  readonly skip: number;
  /** Whether a quoted value holds a line break. */
  readonly quotedBreaks: boolean;
}

const SEPARATORS = [",", ";", "\t", "|"];

/** The separator with which the most records have the same number of cells, and more than one. */
export function chooseDialect(text: string, name: string): Dialect {
  const skip = /^(?:[ \t]*\r?\n)*/.exec(text)?.[0].split("\n").length ?? 1;
  const scores = SEPARATORS.map((separator) => ({
    separator,
    ...score(splitRecords(text, separator, false).slice(0, 200)),
  }));
  const best = scores.reduce((a, b) => (b.agreeing * b.cells > a.agreeing * a.cells ? b : a));
  const quotedBreaks = /"[^"]*\n[^"]*"/.test(text);
  if (best.cells > 1 && best.agreeing >= 0.9) return { separator: best.separator, skip: skip - 1, quotedBreaks };
  const torn = scores.find(({ cells, agreeing }) => cells > 1 && agreeing >= 0.2);
  if (torn) {
    throw new CauceError({
      code: "TableRagged",
      what: `${name} cannot be read.`,
      why: `Its rows have different numbers of cells: ${torn.counts.slice(0, 5).join(", ")}, … when separated by ${JSON.stringify(torn.separator)}.`,
      fix: "Give every row as many cells as the header; a value that holds the separator must stand in double quotes.",
    });
  }
  // One column: any separator that does not occur will do.
  return { separator: ",", skip: skip - 1, quotedBreaks };
}

function score(records: readonly (readonly string[])[]): {
  readonly cells: number;
  readonly agreeing: number;
  readonly counts: readonly number[];
} {
  const counts = records.map((record) => record.length);
  const [cells = 0] = counts;
  return { cells, agreeing: counts.filter((count) => count === cells).length / Math.max(1, counts.length), counts };
}

/** Records of a text as RFC 4180 has them; the last one only when it is known to be whole. Blank lines are none. */
export function splitRecords(text: string, separator: string, whole: boolean): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = "";
  let quoted = false;
  const endRecord = () => {
    record.push(cell);
    if (record.length > 1 || cell.trim() !== "") records.push(record);
    record = [];
    cell = "";
  };
  for (let i = 0; i < text.length && records.length < 1000; i++) {
    const c = text.charAt(i);
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text.charAt(++i);
      else quoted = false;
    } else if (c === '"' && cell.trim() === "") {
      quoted = true;
      cell = "";
    } else if (c === separator) {
      record.push(cell);
      cell = "";
    } else if (c === "\n") endRecord();
    else if (c !== "\r") cell += c;
  }
  if (whole && (cell !== "" || record.length > 0)) endRecord();
  return records;
}
