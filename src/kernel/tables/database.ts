import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { createGroupCommit } from "./group-commit.ts";
import { type Migration, MIGRATIONS, migrate, requireKnownVersion } from "./migrate.ts";
import { createCaches, remembering } from "./remember.ts";
import type { Range, Table, TableSpec } from "./table.ts";

/** One SQLite file that holds tables of rows. Only the server's process opens it. */
export interface Database {
  table<Row>(name: string, scope: string, options?: TableOptions): Table<Row>;
  /** All or nothing; what is inside must be synchronous. Inside another transaction it joins that one. */
  transaction<T>(work: () => T): T;
  /** As `transaction`, soon: those of one moment share one sync. Durable when it resolves. */
  commit<T>(work: () => T): Promise<T>;
  /** A copy as it is now, in a file that is not there yet. */
  copyTo(file: string): void;
  close(): void;
}

type TableOptions = Partial<Pick<TableSpec<unknown>, "cached" | "holds">>;

export interface OpenOptions {
  readonly migrations?: readonly Migration[];
  /** Told when the state was of an older version: where that one is kept. */
  readonly onMigrated?: (kept: string) => void;
}

export function openDatabase(file: string, durability: "full" | "relaxed", options: OpenOptions = {}): Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Variables of functions and what they log are nobody else's business; the files that SQLite puts beside take the same mode.
  closeSync(openSync(file, "a", 0o600));
  const db = new DatabaseSync(file);
  try {
    prepareFile(db, file, durability, options);
  } catch (error) {
    db.close();
    throw error;
  }

  const statements = { rows: prepare(db, "rows"), bytes: prepare(db, "bytes") };
  const caches = createCaches();
  let depth = 0;
  function transaction<T>(work: () => T): T {
    if (depth > 0) return work();
    db.exec("BEGIN IMMEDIATE");
    depth++;
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      rollBack(db);
      caches.forget();
      throw error;
    } finally {
      depth--;
    }
  }
  const group = createGroupCommit(db, { transaction, undone: () => caches.forget() });
  return {
    table<Row>(name: string, scope: string, { cached = false, holds = "rows" }: TableOptions = {}) {
      const rows = rowsOf<Row>(statements[holds], { name, scope }, FORMS[holds]);
      return cached ? remembering(rows, caches.of(`${name} ${scope}`)) : rows;
    },
    transaction,
    commit: (work) => group.add(work),
    copyTo: (to) => db.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`),
    close() {
      group.flush();
      db.close();
    },
  };
}

/** SQLite itself has rolled back when the disk was full; the failure to tell is that one. */
function rollBack(db: DatabaseSyncInstance): void {
  try {
    db.exec("ROLLBACK");
  } catch {
    // There is no transaction any more.
  }
}

function prepareFile(
  db: DatabaseSyncInstance,
  file: string,
  durability: "full" | "relaxed",
  { migrations = MIGRATIONS, onMigrated }: OpenOptions,
): void {
  requireKnownVersion(db, file, migrations.length);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
  db.exec("PRAGMA busy_timeout = 2000");
  const kept = migrate(db, file, migrations);
  if (kept !== undefined) onMigrated?.(kept);
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: DatabaseSyncInstance, from: TableSpec<unknown>["holds"]) {
  const range = "tbl = ? AND scope = ? AND key > ? AND key >= ? AND key < ?";
  return {
    get: db.prepare(`SELECT doc FROM ${from} WHERE tbl = ? AND scope = ? AND key = ?`),
    put: db.prepare(
      `INSERT INTO ${from} (tbl, scope, key, doc) VALUES (?, ?, ?, ?) ON CONFLICT (tbl, scope, key) DO UPDATE SET doc = excluded.doc`,
    ),
    delete: db.prepare(`DELETE FROM ${from} WHERE tbl = ? AND scope = ? AND key = ?`),
    ascending: db.prepare(`SELECT key, doc FROM ${from} WHERE ${range} ORDER BY key LIMIT ?`),
    descending: db.prepare(`SELECT key, doc FROM ${from} WHERE ${range} ORDER BY key DESC LIMIT ?`),
    keys: db.prepare(`SELECT key FROM ${from} WHERE tbl = ? AND scope = ? ORDER BY key`),
    count: db.prepare(`SELECT count(*) AS n FROM ${from} WHERE tbl = ? AND scope = ? AND key >= ? AND key < ?`),
  } satisfies Record<string, StatementSyncInstance>;
}

/** How a row goes into its column and comes out of it. */
interface Form {
  write(row: unknown): string | Uint8Array;
  read(doc: unknown): unknown;
}

const FORMS: Record<TableSpec<unknown>["holds"], Form> = {
  rows: { write: (row) => JSON.stringify(row), read: (doc) => JSON.parse(doc as string) as unknown },
  bytes: { write: (row) => row as Uint8Array, read: (doc) => doc },
};

/** Greater than every key: no text begins with a code point beyond this one. */
const LAST = "\u{10ffff}";

function rowsOf<Row>(sql: Statements, at: { name: string; scope: string }, form: Form): Table<Row> {
  const { name, scope } = at;
  return {
    get(key) {
      const found = sql.get.get(name, scope, key) as { doc: unknown } | undefined;
      return found && (form.read(found.doc) as Row);
    },
    list(range: Range = {}) {
      const prefix = range.prefix ?? "";
      const statement = range.order === "descending" ? sql.descending : sql.ascending;
      const found = statement.all(
        name,
        scope,
        range.after ?? "",
        prefix,
        range.before ?? prefix + LAST,
        range.limit ?? -1,
      );
      return (found as { key: string; doc: unknown }[]).map(({ key, doc }) => ({ key, row: form.read(doc) as Row }));
    },
    keys: () => (sql.keys.all(name, scope) as { key: string }[]).map(({ key }) => key),
    count(prefix = "") {
      return (sql.count.get(name, scope, prefix, prefix + LAST) as { n: number }).n;
    },
    put(key, row) {
      sql.put.run(name, scope, key, form.write(row));
    },
    delete(key) {
      return Number(sql.delete.run(name, scope, key).changes) > 0;
    },
  };
}
