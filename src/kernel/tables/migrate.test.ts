import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { type Migration, MIGRATIONS } from "./migrate.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cauce-migrate-"));
  file = join(folder, "state.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As the first Cauce left it when it was killed between making its table and writing the version: a row, and version 0. */
function writeOldest(): void {
  const old = new DatabaseSync(file);
  old.exec("PRAGMA journal_mode = WAL");
  old.exec(
    "CREATE TABLE rows (tbl TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (tbl, scope, key)) WITHOUT ROWID",
  );
  old.exec(`INSERT INTO rows VALUES ('things', 'a', 'x', '{"n":1}')`);
  old.close();
}

const rename: Migration = (db) =>
  db.exec(`UPDATE rows SET doc = json_object('count', doc ->> 'n') WHERE tbl = 'things'`);
const move: Migration = (db) => db.exec(`UPDATE rows SET tbl = 'moved' WHERE tbl = 'things'`);

function read(path: string) {
  const db = new DatabaseSync(path, { readOnly: true });
  const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  const rows = db.prepare("SELECT tbl, doc FROM rows").all();
  db.close();
  return { version, rows };
}

test("a new state has the newest version, and no copy", () => {
  openDatabase(file, "full").close();
  openDatabase(file, "full", { onMigrated: () => expect.unreachable() }).close();
  expect(read(file)).toEqual({ version: MIGRATIONS.length, rows: [] });
  expect(readdirSync(folder).filter((name) => name.includes("version"))).toEqual([]);
});

test("the first format is migrated with its rows; what it was is kept beside, for its owner alone", () => {
  writeOldest();
  const told: string[] = [];
  const db = openDatabase(file, "full", { onMigrated: (kept) => told.push(kept) });
  expect(db.table("things", "a").get("x")).toEqual({ n: 1 });
  db.close();
  expect(told).toEqual([`${file}.version-0`]);
  expect(read(file).version).toBe(MIGRATIONS.length);
  expect(read(`${file}.version-0`)).toEqual({ version: 0, rows: [{ tbl: "things", doc: '{"n":1}' }] });
  expect(statSync(`${file}.version-0`).mode & 0o777).toBe(0o600);
});

test("every step between is taken, in order, also over what still lies in the write-ahead log", () => {
  const live = openDatabase(join(folder, "live.db"), "full");
  live.table("things", "a").put("x", { n: 7 });
  // What a kill leaves: the log is not yet in the file.
  for (const end of ["", "-wal"]) copyFileSync(join(folder, `live.db${end}`), `${file}${end}`);
  live.close();
  const migrations = [...MIGRATIONS, rename, move];
  openDatabase(file, "full", { migrations }).close();
  expect(read(file)).toEqual({ version: migrations.length, rows: [{ tbl: "moved", doc: '{"count":7}' }] });
  const before = MIGRATIONS.length;
  expect(read(`${file}.version-${before}`)).toEqual({ version: before, rows: [{ tbl: "things", doc: '{"n":7}' }] });
});

test("a step that fails changes nothing, says so, and the next start begins anew", () => {
  writeOldest();
  const broken: Migration = (db) => db.exec("UPDATE absent SET doc = ''");
  const open = (last: Migration) => openDatabase(file, "full", { migrations: [...MIGRATIONS, move, last] });
  const newest = MIGRATIONS.length + 2;
  expect(() => open(broken)).toThrow(
    new RegExp(`could not be brought from version 0 to ${newest}[\\s\\S]*no such table: absent`),
  );
  expect(read(file)).toEqual({ version: 0, rows: [{ tbl: "things", doc: '{"n":1}' }] });
  open(() => {}).close();
  expect(read(file)).toEqual({ version: newest, rows: [{ tbl: "moved", doc: '{"n":1}' }] });
});

test("killed in the middle of a migration, the state is the old one, whole", { timeout: 20_000 }, () => {
  writeOldest();
  const module = (name: string) => JSON.stringify(resolve(import.meta.dirname, name));
  const script = `import { openDatabase } from ${module("database.ts")};
    import { MIGRATIONS } from ${module("migrate.ts")};
    const half = (db) => { db.exec("DELETE FROM rows"); process.kill(process.pid, "SIGKILL"); };
    openDatabase(${JSON.stringify(file)}, "full", { migrations: [...MIGRATIONS, half] });`;
  const { signal } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  expect(signal).toBe("SIGKILL");
  expect(existsSync(`${file}.version-0`)).toBe(true);
  const db = openDatabase(file, "full");
  expect(db.table("things", "a").get("x")).toEqual({ n: 1 });
  db.close();
  expect(read(file).version).toBe(MIGRATIONS.length);
});
