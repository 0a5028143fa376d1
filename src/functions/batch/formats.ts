import { literal } from "../extract/profile.ts";

export type OutputFormat = "csv" | "tsv" | "json" | "ndjson" | "parquet" | "xlsx";

/** Formats whose cells have types; in the others a cell is the text that it was. */
export function isTyped(format: OutputFormat): boolean {
  return format !== "csv" && format !== "tsv";
}

/** How the database writes each; a workbook it does not write. */
export const COPY_OPTIONS: Readonly<Record<Exclude<OutputFormat, "xlsx">, string>> = {
  csv: "FORMAT csv, HEADER",
  tsv: `FORMAT csv, HEADER, DELIMITER ${literal("\t")}`,
  json: "FORMAT json, ARRAY true",
  ndjson: "FORMAT json",
  parquet: "FORMAT parquet, COMPRESSION zstd",
};

export const CONTENT_TYPES: Readonly<Record<OutputFormat, string>> = {
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  json: "application/json",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** Of a sheet, below its header. */
export const MOST_EXCEL_ROWS = 1_048_575;
