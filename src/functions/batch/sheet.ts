import type { CellValue } from "hucre/xlsx";

/** A header and rows, as a workbook takes them. */
export async function* sheetRows(
  chunks: AsyncIterable<readonly (readonly unknown[])[]>,
  names: readonly string[],
): AsyncGenerator<CellValue[]> {
  yield [...names];
  for await (const rows of chunks) for (const row of rows) yield row.map(toCell);
}

/** Of a cell in Excel. */
const LONGEST = 32_767;

function toCell(value: unknown): CellValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number" || typeof value === "boolean" || value instanceof Date) return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.slice(0, LONGEST);
}
