import { basename } from "node:path";
import { CauceError } from "#core";
import type { DataSettings } from "../define.ts";
import type { Source } from "./source.ts";
import { type Cell, chooseTable, quoteName, refused, snapshot } from "#databases";
import { asSource, snapshotFolder } from "./server.ts";

/** A table or a query of an SQLite file, read where it lies and never written to. */
export async function readSqlite(file: string, data: DataSettings, cache: string): Promise<Source> {
  const { DatabaseSync } = await import("@photostructure/sqlite");
  const shown = basename(file);
  const fix = "Check the query, and whether the file is an SQLite database that is not damaged.";
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database
      .prepare(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all()
      .map((row) => String((row as Record<string, unknown>)["name"]));
    const name = data.query === undefined ? chooseTable(tables, data.table, shown) : "query";
    const statement = database.prepare(data.query ?? `SELECT * FROM ${quoteName(name)}`);
    statement.setReadBigInts(true);
    const columns = statement.columns().map((column) => column.name);
    const rows = rowsOf(columns, statement.iterate() as Iterable<Record<string, Cell>>);
    return asSource(await snapshot(rows, name, snapshotFolder(cache)));
  } catch (error) {
    throw error instanceof CauceError ? error : refused(shown, error, fix);
  } finally {
    database.close();
  }
}

async function* rowsOf(
  columns: readonly string[],
  rows: Iterable<Record<string, Cell>>,
): AsyncGenerator<readonly Cell[]> {
  yield columns;
  for (const row of rows) yield columns.map((column) => row[column]);
}
