import { CauceError } from "#core";
import { type Separator, splitRecords, type TextRecord } from "./records.ts";

export interface Dialect {
  readonly separator: Separator;
  /** Cells of a row. */
  readonly width: number;
  /** The first records. */
  readonly records: readonly TextRecord[];
  /** Whether a quoted value holds a line break. */
  readonly quotedBreaks: boolean;
}

const SEPARATORS: readonly Separator[] = [",", ";", "\t", "|", "blanks"];
/** How many rows of titles may stand above a table. */
const MOST_ABOVE = 30;

interface Candidate {
  readonly separator: Separator;
  readonly width: number;
  /** Records above the first of the table's width. */
  readonly above: number;
  /** The share of the others that have the width. */
  readonly agreeing: number;
  readonly records: readonly TextRecord[];
}

/** The separator with which the most records have the same number of cells, and more than one. */
export function chooseDialect(
  sample: { readonly text: string; readonly whole: boolean },
  name: string,
  given?: Separator,
): Dialect {
  const { text } = sample;
  const all = (given === undefined ? SEPARATORS : [given]).map((separator) => consider(separator, sample));
  const quotedBreaks = /"[^"]*\n[^"]*"/.test(text);
  const good = all.filter(({ separator, width, agreeing, records }) =>
    separator === "blanks" && given === undefined
      ? width > 1 && agreeing >= 0.95 && records.length >= 3
      : width > 1 && agreeing >= 0.9,
  );
  const best = choose(good);
  if (best) return { ...best, quotedBreaks };
  const torn = all.find(({ separator, width, agreeing }) => separator !== "blanks" && width > 1 && agreeing >= 0.2);
  if (torn) throw differing(torn, name);
  // One column: any separator that does not occur will do.
  const records = splitRecords(text, "\t", sample.whole);
  return { separator: "\t", width: 1, records, quotedBreaks };
}

/** Fewer rows to explain away come first; blanks only where nothing else separates as well. */
function choose(good: readonly Candidate[]): Candidate | undefined {
  const marks = good.filter(({ separator }) => separator !== "blanks");
  const [mark] = marks.toSorted((a, b) => a.above - b.above || b.agreeing * b.width - a.agreeing * a.width);
  const blanks = good.find(({ separator }) => separator === "blanks");
  if (!mark || !blanks) return mark ?? blanks;
  // Columns set out with blanks, and a tab before the last one.
  return mark.separator === "\t" && blanks.width >= mark.width * 3 ? blanks : mark;
}

function consider(
  separator: Separator,
  { text, whole }: { readonly text: string; readonly whole: boolean },
): Candidate {
  const records = splitRecords(text, separator, whole);
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [width = 0] = [...counts].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] > a[0]) ? b : a), [0, 0]);
  const first = records.findIndex(({ cells }) => cells.length === width);
  const headed = first > 0 && records[first - 1]?.cells.length === width - 1 && width > 2 ? first - 1 : first;
  const above = Math.min(headed, MOST_ABOVE);
  const body = records.slice(first);
  const agreeing = body.filter(({ cells }) => cells.length === width).length / Math.max(1, body.length);
  return { separator, width, above, agreeing, records };
}

function differing({ separator, width, records, above }: Candidate, name: string): CauceError {
  const others = records.slice(above).filter(({ cells }) => cells.length !== width);
  return raggedRows(
    others.map(({ line, cells }) => ({ line, cells: cells.length })),
    width,
    {
      name,
      more: ` when separated by ${JSON.stringify(separator)}`,
    },
  );
}

/** Rows that have more or fewer cells than the table, by their lines. */
export function raggedRows(
  rows: readonly { readonly line: number; readonly cells: number }[],
  width: number,
  { name, more = "" }: { readonly name: string; readonly more?: string },
): CauceError {
  const shown = rows.slice(0, 5).map(({ line, cells }) => `line ${line} has ${cells} cells`);
  const rest = rows.length > shown.length ? `, and ${rows.length - shown.length} more` : "";
  const text = `${shown.join(", ")}${rest}, but the table has ${width} columns${more}.`;
  return new CauceError({
    code: "TableRagged",
    what: `${name} cannot be read.`,
    why: text.charAt(0).toUpperCase() + text.slice(1),
    fix: `Correct line ${rows[0]?.line}: a value that holds the separator must stand in double quotes, and every row needs as many cells as the header.`,
  });
}
