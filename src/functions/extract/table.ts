import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { CauceError } from "#core";
import { type Profile, literal, profileOf } from "./profile.ts";
import { readers } from "./readers/index.ts";
import type { ReadRequest } from "./readers/reader.ts";
import { sniff } from "./readers/sniff.ts";
import { settleTypes } from "./types.ts";

/** Any table → a parquet file of six plain types, and what there is to know about its columns. */
export async function readTable(
  request: Omit<ReadRequest, "connection"> & { readonly memoryMegabytes: number },
): Promise<{ readonly parquet: string; readonly profile: Profile }> {
  const instance = await DuckDBInstance.create(":memory:", {
    // Nothing is fetched from anywhere, whatever a file is called; the rest of the disk is read-only on AWS.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: join(request.folder, "duckdb"),
    memory_limit: `${Math.max(256, Math.floor(request.memoryMegabytes * 0.6))}MB`,
  });
  const connection = await instance.connect();
  try {
    const format = await sniff(request.file, request.name);
    await readers[format].load({ ...request, connection });
    const columns = await settleTypes(connection, format);
    const profile = await profileOf(connection, request.name, columns);
    if (profile.rows === 0) {
      throw new CauceError({
        code: "TableEmpty",
        what: `${request.name} cannot be learned from.`,
        why: "It has a header, but no row below it.",
        fix: "Give a table with rows; with `--no-header` the first row counts as data.",
      });
    }
    const parquet = join(request.folder, "data.parquet");
    await connection.run(`COPY extracted TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
    return { parquet, profile };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
