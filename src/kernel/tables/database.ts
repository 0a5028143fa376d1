import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { type Migration, MIGRATIONS, migrate, requireKnownVersion } from "./migrate.ts";
import { createCaches, remembering } from "./remember.ts";
import type { Range, Table } from "./table.ts";

/** One SQLite file that holds tables of JSON rows. Only the server's process opens it. */
export interface Database {
  table<Row>(name: string, scope: string, options?: { readonly cached: boolean }): Table<Row>;
  /** All or nothing; what is inside must be synchronous. Inside another transaction it joins that one. */
  transaction<T>(work: () => T): T;
  /** A copy as it is now, in a file that is not there yet. */
  copyTo(file: string): void;
  close(): void;
}

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

  const statements = prepare(db);
  const caches = createCaches();
  let depth = 0;
  return {
    table<Row>(name: string, scope: string, { cached } = { cached: false }) {
      const rows = rowsOf<Row>(statements, { name, scope });
      return cached ? remembering(rows, caches.of(`${name} ${scope}`)) : rows;
    },
    transaction(work) {
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
    },
    copyTo: (to) => db.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`),
    close: () => db.close(),
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

function prepare(db: DatabaseSyncInstance) {
  return {
    get: db.prepare("SELECT doc FROM rows WHERE tbl = ? AND scope = ? AND key = ?"),
    put: db.prepare(
      "INSERT INTO rows (tbl, scope, key, doc) VALUES (?, ?, ?, ?) ON CONFLICT (tbl, scope, key) DO UPDATE SET doc = excluded.doc",
    ),
    delete: db.prepare("DELETE FROM rows WHERE tbl = ? AND scope = ? AND key = ?"),
    ascending: db.prepare(
      "SELECT key, doc FROM rows WHERE tbl = ? AND scope = ? AND key > ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
    ),
    descending: db.prepare(
      "SELECT key, doc FROM rows WHERE tbl = ? AND scope = ? AND key > ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT ?",
    ),
    count: db.prepare("SELECT count(*) AS n FROM rows WHERE tbl = ? AND scope = ? AND key >= ? AND key < ?"),
  } satisfies Record<string, StatementSyncInstance>;
}

/** Greater than every key: no text begins with a code point beyond this one. */
const LAST = "\u{10ffff}";

function rowsOf<Row>(sql: Statements, at: { name: string; scope: string }): Table<Row> {
  const { name, scope } = at;
  return {
    get(key) {
      const found = sql.get.get(name, scope, key) as { doc: string } | undefined;
      return found && (JSON.parse(found.doc) as Row);
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
      return (found as { key: string; doc: string }[]).map(({ key, doc }) => ({ key, row: JSON.parse(doc) as Row }));
    },
    count(prefix = "") {
      return (sql.count.get(name, scope, prefix, prefix + LAST) as { n: number }).n;
    },
    put(key, row) {
      sql.put.run(name, scope, key, JSON.stringify(row));
    },
    delete(key) {
      return Number(sql.delete.run(name, scope, key).changes) > 0;
    },
  };
}
