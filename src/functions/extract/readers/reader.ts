import type { DuckDBConnection } from "@duckdb/node-api";
import type { Separator } from "./records.ts";

export type Format = "delimited" | "xlsx" | "xls" | "parquet" | "json" | "ndjson";

/** What may be said about a table where the guess is wrong. */
export interface ReadOptions {
  /** Whether the first row holds the columns' names. */
  readonly header: boolean;
  readonly sheet?: string;
  readonly separator?: Separator;
  readonly encoding?: string;
  /** In numbers. */
  readonly decimal?: "," | ".";
  /** The same of single columns of numbers with a unit, where it is known. */
  readonly decimals?: Readonly<Record<string, "," | ".">>;
  /** In dates such as 01/02/2024. */
  readonly dates?: "day-first" | "month-first";
  /** The same of single columns, where it is known. */
  readonly orders?: Readonly<Record<string, "day-first" | "month-first">>;
  /** Of columns, what the project says they are. */
  readonly kinds?: Readonly<Record<string, string>>;
  /** The column to predict, whose classes keep their names. */
  readonly target?: string;
  /** What stands for no value, beside blanks and the usual words; when given, none is guessed. */
  readonly missing?: readonly string[];
}

export interface ReadRequest extends ReadOptions {
  /** The table, as it came. */
  readonly file: string;
  /** As people call it, e.g. `customers.xlsx`. */
  readonly name: string;
  /** Ours, for what must be written on the way. */
  readonly folder: string;
  readonly memoryMegabytes: number;
  readonly connection: DuckDBConnection;
}

/** How a table was read: facts, and what a person should know. */
export interface Loaded {
  readonly how: readonly string[];
  readonly notes: readonly string[];
}

/** One format. It makes the table `loaded`; what has no types of its own comes as text. */
export interface Reader {
  load(request: ReadRequest): Promise<Loaded>;
}
