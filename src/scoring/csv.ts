import { invalidCsv } from "./problems.ts";
import { trim } from "./readers.ts";

/** CSV with a header → records of text. A caller's mistake is an InputError. */
export function parseCsv(text: string): readonly Record<string, string>[] {
  const lines = splitCsv(text);
  if (!lines) throw invalidCsv("The CSV has a quoted cell that is not closed properly.");
  const header = (lines[0] ?? []).map(trim);
  const seen = new Set<string>();
  for (const name of header) {
    if (seen.has(name)) throw invalidCsv(`The CSV's header has the name ${JSON.stringify(name)} twice.`);
    seen.add(name);
  }
  if (lines.length === 1)
    throw invalidCsv("The CSV has no row after the header. The first line must hold the fields' names.");
  return lines.slice(1).map((cells, i) => {
    if (cells.length !== header.length)
      throw invalidCsv(`Row ${i + 1} has ${cells.length} cells, but the header has ${header.length} names.`, i + 1);
    const record = Object.create(null) as Record<string, string>;
    header.forEach((name, place) => (record[name] = cells[place] ?? ""));
    return record;
  });
}

/** Cells of every line that is not empty; undefined when a quote is not closed properly (RFC 4180). */
export function splitCsv(text: string): string[][] | undefined {
  const lines: string[][] = [];
  for (let at = 0; at < text.length;) {
    const line = readLine(text, at);
    if (!line) return undefined;
    if (line.end > at) lines.push(line.cells);
    at = line.end + (text.startsWith("\r\n", line.end) ? 2 : 1);
  }
  return lines;
}

/** The cells up to the end of the line; `end` is where its line break stands. */
function readLine(text: string, from: number): { readonly cells: string[]; readonly end: number } | undefined {
  const cells: string[] = [];
  for (let at = from; ; at++) {
    const quoted = text[at] === '"';
    const end = quoted ? closingQuote(text, at + 1) : endOfCell(text, at);
    if (end === undefined) return undefined;
    cells.push(quoted ? text.slice(at + 1, end).replaceAll('""', '"') : text.slice(at, end));
    at = quoted ? end + 1 : end;
    if (text[at] === ",") continue;
    return isEnd(text[at]) ? { cells, end: at } : undefined;
  }
}

function isEnd(letter: string | undefined): boolean {
  return letter === undefined || letter === "\n" || letter === "\r";
}

function closingQuote(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at)) {
    if (text[at + 1] !== '"') return at;
    at += 2;
  }
  return undefined;
}

function endOfCell(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "," && text[at] !== "\n" && text[at] !== "\r") at++;
  return at;
}
