import type { DuckDBConnection } from "@duckdb/node-api";

/** profile.json: docs/contracts/steps.md. */
export interface Profile {
  readonly version: 1;
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
  /** How it was read: format, separator, encoding, header. */
  readonly how?: readonly string[];
  /** What a person should know about the reading. */
  readonly notes?: readonly string[];
}

export interface ColumnProfile {
  readonly name: string;
  readonly kind: "integer" | "number" | "boolean" | "text" | "date" | "datetime" | "time";
  /** How its dates or times were written, when not as ISO 8601 has them, or its numbers, when they have a unit. */
  readonly format?: string;
  readonly missing: number;
  readonly distinct: number;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly examples: readonly (number | string | boolean)[];
  /** Cells that are not numbers in a column of numbers; they count as missing. */
  readonly unread?: number;
}

const KINDS: Readonly<Record<string, ColumnProfile["kind"]>> = {
  BIGINT: "integer",
  DOUBLE: "number",
  BOOLEAN: "boolean",
  VARCHAR: "text",
  DATE: "date",
  TIMESTAMP: "datetime",
  TIME: "time",
};

/** Looks at every column of the table `extracted` once. */
export async function profileOf(
  connection: DuckDBConnection,
  source: string,
  columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly unread: number;
    readonly format?: string;
  }[],
): Promise<Profile> {
  const row = await countsOf(connection, columns);
  const sample = (
    await connection.runAndReadAll(
      `SELECT ${columns.map(({ name, type }, i) => `${quote(name)}::${printed(type)} AS v${i}`).join(", ")} FROM extracted LIMIT 200`,
    )
  ).getRowObjectsJson();
  const rows = Number(row["rows"]);
  return {
    version: 1,
    source,
    rows,
    columns: columns.map(({ name, type, unread, format }, i) => ({
      name,
      kind: KINDS[type] ?? "text",
      ...(format !== undefined && { format }),
      missing: rows - Number(row[`present${i}`]),
      distinct: Number(row[`distinct${i}`]),
      ...(row[`min${i}`] != null && { min: row[`min${i}`] as number | string, max: row[`max${i}`] as number | string }),
      examples: [...new Set(sample.map((record) => record[`v${i}`]))].filter((v) => v !== null).slice(0, 3) as (
        | number
        | string
        | boolean
      )[],
      ...(unread > 0 && { unread }),
    })),
  };
}

type Typed = { readonly name: string; readonly type: string };

/** Some columns at a time: to count what differs takes a hash table for each, whose least size times 750 is more than there is. */
async function countsOf(connection: DuckDBConnection, columns: readonly Typed[]): Promise<Record<string, unknown>> {
  const counts: Record<string, unknown> = {};
  for (let from = 0; from === 0 || from < columns.length; from += TOGETHER) {
    const parts = columns.slice(from, from + TOGETHER).map((column, i) => countOf(column, from + i));
    const asked = `SELECT ${["count(*)::DOUBLE AS rows", ...parts].join(", ")} FROM extracted`;
    Object.assign(counts, (await connection.runAndReadAll(asked)).getRowObjectsJson()[0]);
  }
  return counts;
}

const TOGETHER = 50;

function countOf({ name, type }: Typed, i: number): string {
  const c = quote(name);
  const ranged = type !== "VARCHAR" && type !== "BOOLEAN";
  const ends = ranged
    ? `min(${c})::${printed(type)} AS min${i}, max(${c})::${printed(type)} AS max${i}`
    : `NULL AS min${i}, NULL AS max${i}`;
  return `count(${c})::DOUBLE AS present${i}, count(DISTINCT ${c})::DOUBLE AS distinct${i}, ${ends}`;
}

/** BIGINT is read as text by the client, dates as numbers: what JSON should show instead. */
function printed(type: string): string {
  return type === "BIGINT" ? "DOUBLE" : /^(DATE|TIME|TIMESTAMP)$/.test(type) ? "VARCHAR" : type;
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
