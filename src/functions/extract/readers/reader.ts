import type { DuckDBConnection } from "@duckdb/node-api";

export type Format = "delimited" | "xlsx" | "parquet" | "json" | "ndjson";

export interface ReadRequest {
  /** The table, as it came. */
  readonly file: string;
  /** As people call it, e.g. `customers.xlsx`. */
  readonly name: string;
  /** Ours, for what must be written on the way. */
  readonly folder: string;
  /** Whether the first row holds the columns' names. */
  readonly header: boolean;
  readonly sheet?: string;
  readonly connection: DuckDBConnection;
}

/** One format. It makes the table `loaded`; what has no types of its own comes as text. */
export interface Reader {
  load(request: ReadRequest): Promise<void>;
}
