/** One record of a text with separators, and the line that it begins in. */
export interface TextRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Between the cells: one character, or a run of blanks. */
export type Separator = "," | ";" | "\t" | "|" | "blanks";

/** Takes a text piece by piece and gives its records, as RFC 4180 has them. Blank lines are none. */
export class RecordSplitter {
  private readonly separator: Separator;
  private cells: string[] = [];
  private cell = "";
  private quoted = false;
  /** A quoted cell has ended, perhaps: a second quote would be one of its characters. */
  private closing = false;
  private wasQuoted = false;
  private line = 1;
  private began = 1;
  private found: TextRecord[] = [];

  constructor(separator: Separator) {
    this.separator = separator;
  }

  push(text: string): readonly TextRecord[] {
    for (const c of text) this.take(c);
    const found = this.found;
    this.found = [];
    return found;
  }

  /** What is left when the text is known to be over. */
  end(): readonly TextRecord[] {
    if (this.cell !== "" || this.wasQuoted || this.cells.length > 0) this.endRecord();
    return this.push("");
  }

  /** Whether a quote is open, and the line of its record. */
  get open(): number | undefined {
    return this.quoted && !this.closing ? this.began : undefined;
  }

  private take(c: string): void {
    if (c === "\n") this.line++;
    if (this.quoted) {
      if (this.closing) {
        this.closing = false;
        if (c === '"') {
          this.cell += c;
          return;
        }
        this.quoted = false;
      } else {
        if (c === '"') this.closing = true;
        else this.cell += c;
        return;
      }
    }
    this.plain(c);
  }

  private plain(c: string): void {
    if (c === "\n") this.endRecord();
    else if (c === '"' && !this.wasQuoted && this.cell.trim() === "") {
      this.quoted = true;
      this.wasQuoted = true;
      this.cell = "";
    } else if (this.separator === "blanks" ? c === " " || c === "\t" : c === this.separator) this.endCell();
    else if (c !== "\r") this.cell += c;
  }

  private endCell(): void {
    // A run of blanks is one separator, and none at a line's ends.
    if (this.separator === "blanks" && this.cell === "" && !this.wasQuoted) return;
    this.cells.push(this.cell);
    this.cell = "";
    this.wasQuoted = false;
  }

  private endRecord(): void {
    if (this.separator === "blanks") this.endCell();
    else {
      this.cells.push(this.cell);
      this.cell = "";
      this.wasQuoted = false;
    }
    if (this.cells.length > 1 || (this.cells[0] ?? "").trim() !== "") {
      this.found.push({ cells: this.cells, line: this.began });
    }
    this.cells = [];
    this.began = this.line;
  }
}

/** At most so many records of a text; the last one only when the text is known to be whole. */
export function splitRecords(text: string, separator: Separator, whole: boolean, most = 500): readonly TextRecord[] {
  const splitter = new RecordSplitter(separator);
  const records: TextRecord[] = [];
  for (let at = 0; at < text.length && records.length < most; at += 4096) {
    records.push(...splitter.push(text.slice(at, at + 4096)));
  }
  if (whole && records.length < most) records.push(...splitter.end());
  return records.slice(0, most);
}
