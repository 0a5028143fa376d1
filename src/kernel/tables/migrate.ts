import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { CauceError, messageOf } from "#core";

/** What makes a state of the version before into one of this version. Runs inside a transaction; must not take one of its own. */
export type Migration = (db: DatabaseSyncInstance) => void;

/** The first makes version 1 out of nothing, the second 2 out of 1: one is added at the end, none is ever changed. */
export const MIGRATIONS: readonly Migration[] = [
  (db) =>
    db.exec(
      // There already where a start was killed before versions were written together with what they are of.
      "CREATE TABLE IF NOT EXISTS rows (tbl TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (tbl, scope, key)) WITHOUT ROWID",
    ),
  // Small objects of S3, which lay in files.
  (db) =>
    db.exec(
      "CREATE TABLE bytes (tbl TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, doc BLOB NOT NULL, PRIMARY KEY (tbl, scope, key)) WITHOUT ROWID",
    ),
];

/** Refuses a state of a newer Cauce, before anything of it is touched. */
export function requireKnownVersion(db: DatabaseSyncInstance, file: string, newest: number): void {
  const found = versionOf(db);
  if (found <= newest) return;
  throw new CauceError({
    code: "StateTooNew",
    what: `The state in ${file} was written by a newer Cauce.`,
    why: `It has version ${found}; this Cauce knows versions up to ${newest}. Nothing was changed.`,
    fix: "Use the newer Cauce, or set CAUCE_HOME to another folder.",
  });
}

/**
 * Brings the state to the newest version: all steps in one transaction, so that a crash leaves the old version, whole. What held something
 * is copied beside before; answers the copy's name.
 */
export function migrate(db: DatabaseSyncInstance, file: string, migrations: readonly Migration[]): string | undefined {
  const from = versionOf(db);
  if (from >= migrations.length) return undefined;
  const copy = isEmpty(db) ? undefined : `${file}.version-${from}`;
  try {
    if (copy !== undefined) copyTo(db, copy);
    inTransaction(db, () => {
      for (const step of migrations.slice(from)) step(db);
      db.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  } catch (error) {
    throw notMigrated(file, { from, to: migrations.length }, error);
  }
  return copy;
}

function versionOf(db: DatabaseSyncInstance): number {
  return (db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

function isEmpty(db: DatabaseSyncInstance): boolean {
  return (db.prepare("SELECT count(*) AS n FROM sqlite_master").get() as { n: number }).n === 0;
}

/** With what lies in the write-ahead log, which a copy of the file alone would miss; under its name only when it is whole. */
function copyTo(db: DatabaseSyncInstance, copy: string): void {
  const making = `${copy}.making`;
  rmSync(making, { force: true });
  // SQLite copies into an empty file as well, and this one is only its owner's.
  closeSync(openSync(making, "wx", 0o600));
  try {
    db.prepare("VACUUM INTO ?").run(making);
    renameSync(making, copy);
  } catch (error) {
    rmSync(making, { force: true });
    throw error;
  }
}

function inTransaction(db: DatabaseSyncInstance, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // SQLite itself has rolled back (a full disk); the failure to tell is that one.
    }
    throw error;
  }
}

function notMigrated(file: string, { from, to }: { from: number; to: number }, cause: unknown): CauceError {
  return new CauceError(
    {
      code: "StateNotMigrated",
      what: `The state in ${file} could not be brought from version ${from} to ${to}.`,
      why: `It fails with: ${messageOf(cause).replace(/\.$/, "")}. Nothing was changed.`,
      fix: "See that there is room on the disk and start it again; else use the older Cauce, or set CAUCE_HOME to another folder.",
    },
    { cause },
  );
}
