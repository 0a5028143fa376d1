import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CauceError } from "#core";
import { dropCodes, dropFooters } from "./left-out.ts";
import { literal, type Profile, profileOf } from "./profile.ts";
import { unreadable } from "./readers/failure.ts";
import { readers } from "./readers/index.ts";
import type { Format, Loaded, ReadOptions } from "./readers/reader.ts";
import { isGzip, sniff } from "./readers/sniff.ts";
import { settleTypes } from "./types.ts";
import { type SourceFile, together } from "./together.ts";

export interface TableRequest extends ReadOptions {
  /** One, or several that are read together. */
  readonly files: readonly SourceFile[];
  /** What they are called together. */
  readonly name: string;
  /** Ours, for what must be written on the way. */
  readonly folder: string;
  readonly memoryMegabytes: number;
}

/** Any table → a parquet file of six plain types, and what there is to know about its columns. */
export async function readTable(
  request: TableRequest,
): Promise<{ readonly parquet: string; readonly profile: Profile }> {
  const instance = await openDatabase(request);
  const connection = await instance.connect();
  try {
    const { format, how, notes } = await together(connection, request.files, (source) =>
      load(connection, source, request),
    );
    const settled = await settleTypes(connection, format, request);
    const codes = await dropCodes(connection, settled.columns, request.missing);
    const profile = await profileOf(connection, request.name, settled.columns);
    if (profile.rows === 0) throw headerOnly(request.name);
    const parquet = join(request.folder, "data.parquet");
    // A group of rows is held until it is written: fewer of them where they are wide.
    const group = Math.min(122_880, Math.max(2048, Math.floor(4_000_000 / profile.columns.length)));
    await connection.run(
      `COPY extracted TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${group})`,
    );
    const coded = codes.map(
      ({ name, code, count }) => `${JSON.stringify(name)}: ${code} stands for no value (${count} cells).`,
    );
    return { parquet, profile: { ...profile, how, notes: [...notes, ...settled.notes, ...coded] } };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** On the disk, so that the memory does not grow with the table. */
export async function openDatabase({
  folder,
  memoryMegabytes,
}: Pick<TableRequest, "folder" | "memoryMegabytes">): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(join(folder, `${randomUUID()}.duckdb`), {
    // Nothing is fetched from anywhere, whatever a file is called; the rest of the disk is read-only on AWS.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // It would make a join of a list of words, and a join loses the order of a long table's rows.
    disabled_optimizers: "in_clause",
    temp_directory: join(folder, "duckdb"),
    memory_limit: `${Math.max(256, Math.floor(memoryMegabytes * 0.3))}MB`,
  });
  const connection = await instance.connect();
  // A time without an offset is no time of this machine's.
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  connection.closeSync();
  return instance;
}

/** One file into the table `loaded`. */
export async function load(
  connection: DuckDBConnection,
  source: SourceFile,
  request: TableRequest,
): Promise<Loaded & { readonly format: Format }> {
  const { file, name, packed } = await unpacked(source, request.folder);
  const format = await sniff(file, name);
  const { how, notes } = await readers[format].load({ ...request, file, name, connection });
  const columns = (await connection.runAndReadAll("DESCRIBE loaded")).getRowObjectsJson();
  const typed = format === "parquet" || format === "json" || format === "ndjson";
  const left = typed
    ? []
    : await dropFooters(
        connection,
        columns.map((row) => String(row["column_name"])),
      );
  const below = left.map((text) => `Left out below the table: ${JSON.stringify(text)}.`);
  return { format, how: [...(packed ? ["gzip"] : []), ...how], notes: [...notes, ...below] };
}

async function unpacked(
  { file, name }: SourceFile,
  folder: string,
): Promise<SourceFile & { readonly packed: boolean }> {
  if (!(await isGzip(file))) return { file, name, packed: false };
  const plain = join(folder, "unpacked");
  try {
    await pipeline(createReadStream(file), createGunzip(), createWriteStream(plain));
  } catch (error) {
    throw unreadable(name, error, "The gzip file is damaged or cut off; make it again.");
  }
  return { file: plain, name: name.replace(/\.gz$/i, ""), packed: true };
}

function headerOnly(name: string): CauceError {
  return new CauceError({
    code: "TableEmpty",
    what: `${name} cannot be learned from.`,
    why: "It has a header, but no row below it.",
    fix: "Give a table with rows; with `--no-header` the first row counts as data.",
  });
}
