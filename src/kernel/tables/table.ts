/** Declares a table of rows of one type. `scope` says whether each region has its own rows; `durability` what a crash may cost. */
export interface TableSpec<Row> {
  readonly scope: "region" | "account";
  /** `full`: a row that was put survives a power cut. `relaxed`: the last moments may be lost (logs, metrics). */
  readonly durability: "full" | "relaxed";
  /** Rows that were read stay in memory, frozen, until they change: for what every request asks. */
  readonly cached: boolean;
  /** `rows`: plain JSON. `bytes`: each row is a `Uint8Array`, a few KiB at most, that must come and go with rows. */
  readonly holds: "rows" | "bytes";
  /** Only a type: the row. */
  readonly row?: Row;
}

export type TableSpecs = { readonly [name: string]: TableSpec<unknown> };

/** One service's tables, opened for one account and region. */
export type OpenTables<Specs extends TableSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends TableSpec<infer Row> ? Table<Row> : never;
};

/** Rows are plain JSON (no Date, no undefined that matters) unless the table holds bytes, keyed by text and ordered by its bytes. */
export interface Table<Row> {
  get(key: string): Row | undefined;
  /** Rows in the order of their keys. */
  list(range?: Range): { key: string; row: Row }[];
  /** Of all rows, which are not read. */
  keys(): string[];
  count(prefix?: string): number;
  put(key: string, row: Row): void;
  /** Whether there was such a row. */
  delete(key: string): boolean;
}

export interface Range {
  readonly prefix?: string;
  /** Only keys greater than this one. */
  readonly after?: string;
  /** Only keys smaller than this one; with a prefix, it begins with that. */
  readonly before?: string;
  readonly limit?: number;
  readonly order?: "ascending" | "descending";
}

export function table<Row>(options: Partial<Omit<TableSpec<Row>, "row">> = {}): TableSpec<Row> {
  return {
    scope: options.scope ?? "region",
    durability: options.durability ?? "full",
    cached: options.cached ?? false,
    holds: options.holds ?? "rows",
  };
}

/** A table of a few bytes each: `Uint8Array` in, `Uint8Array` out. */
export function bytesTable(options: Partial<Pick<TableSpec<Uint8Array>, "scope" | "durability">> = {}) {
  return table<Uint8Array>({ ...options, holds: "bytes" });
}

const SEPARATOR = "\u001f";

/** One key out of several parts; the rows of a parent are those with the prefix `tableKey(parent, "")`. */
export function tableKey(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}
