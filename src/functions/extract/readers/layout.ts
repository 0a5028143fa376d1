import { columnNames } from "./column-names.ts";

/** A row as it came: null where there is no cell. */
export type Row = readonly (string | null | undefined)[];

export interface Layout {
  /** Rows above the header: titles. */
  readonly above: number;
  /** 0 when the first row is data. */
  readonly headerRows: 0 | 1 | 2;
  readonly names: readonly string[];
  /** The last column has neither a name nor a value: every row ends with a separator. */
  readonly trailing: boolean;
}

/** Where the table lies among the first rows of a text or a sheet, and what its columns are called. */
export function layoutOf(rows: readonly Row[], width: number, header: boolean): Layout | undefined {
  const wide = (row: Row) => row.length >= width - 1 && filled(row) >= Math.max(Math.min(2, width), width / 2);
  const above = header ? rows.findIndex(wide) : rows.findIndex((row) => row.length >= width);
  if (above < 0) return undefined;
  const first = rows[above] ?? [];
  const body = rows.slice(above + 1);
  const whole = body.filter((row) => row.length === width);
  const ends = whole.length > 0 && whole.every((row) => blank(row[width - 1]));
  const trailing = width > 1 && ends && (!header || blank(first[width - 1]));
  const columns = trailing ? width - 1 : width;
  if (!header) return { above, headerRows: 0, names: Array.from({ length: columns }, (_, i) => String(i)), trailing };
  const second = rows[above + 1];
  const two = second !== undefined && isHeaderToo(first, second, rows.slice(above + 2));
  const cells: (string | null | undefined)[] = two ? joined(first, second, columns) : [...first];
  // R writes no name above the names of rows.
  if (!trailing && cells.length === columns - 1) cells.unshift("");
  return {
    above,
    headerRows: two ? 2 : 1,
    names: columnNames(Array.from({ length: columns }, (_, i) => cells[i] ?? "")),
    trailing,
  };
}

export function blank(cell: string | null | undefined): boolean {
  return cell === null || cell === undefined || cell.trim() === "";
}

export function filled(row: Row): number {
  return row.reduce((count, cell) => count + (blank(cell) ? 0 : 1), 0);
}

const NUMERIC = /^\s*[+-]?[\d.,]+([eE][+-]?\d+)?\s*$/;
const isNumber = (cell: string | null | undefined): boolean => !blank(cell) && NUMERIC.test(cell ?? "");
const CODE = /^\s*(na|n\/a|nan|null|none|\?|-+|unknown|missing|#.*)\s*$/i;

/** A second row of words above columns of numbers: names under group names, or units under names. */
function isHeaderToo(first: Row, second: Row, body: readonly Row[]): boolean {
  const sample = body.slice(0, 50);
  if (sample.length < 3 || first.some(isNumber)) return false;
  const numeric = second
    .map((_, i) => i)
    .filter((i) => sample.filter((row) => isNumber(row[i])).length > sample.length * 0.8);
  if (numeric.length < 2) return false;
  const words = numeric.filter((i) => !blank(second[i]) && !isNumber(second[i]) && !CODE.test(second[i] ?? ""));
  return words.length >= numeric.length / 2 && !numeric.some((i) => isNumber(second[i]));
}

/** A group's name stands above its first column only. */
function joined(groups: Row, names: Row, width: number): string[] {
  let group = "";
  return Array.from({ length: width }, (_, i) => {
    const own = (groups[i] ?? "").trim();
    const name = (names[i] ?? "").trim();
    if (own !== "") group = own;
    if (name === "") return own;
    return group === "" || group === name ? name : `${group} ${name}`;
  });
}
