import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson, CauceError, closest, sha256 } from "#core";
import type { DataSettings } from "../define.ts";
import type { Source, SourcePlaces } from "./source.ts";
import { refuseReadings, refuseReadingsOf } from "./readings.ts";
import { readSqlite } from "./sqlite.ts";

/** A file, a folder of files that are read together, or an SQLite database. */
export async function localSource(data: DataSettings, { folder, cache }: SourcePlaces): Promise<Source> {
  const full = resolve(folder, data.source);
  const found = await stat(full).catch(() => undefined);
  if (found?.isDirectory()) return await folderSource(full, data);
  if (found && !found.isFile()) throw noRegularFile(data.source);
  if (!found) throw await sourceMissing(full, data.source);
  if (await isSqlite(full)) {
    refuseReadings(data);
    return await readSqlite(full, data, cache);
  }
  refuseTable(data);
  await refuseReadingsOf(full, data);
  const name = basename(full);
  return { name, sha256: await digestOf(full), files: [{ name, file: full }], folder: false };
}

/** What lies beside tables: hidden files, and what is written about them. */
const NO_TABLE = /^[._]|^(readme|licen[cs]e)(\.txt)?$|\.(md|rst|pdf|docx?)$/i;

async function folderSource(full: string, data: DataSettings): Promise<Source> {
  refuseTable(data);
  const entries = await readdir(full, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !NO_TABLE.test(entry.name))
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) {
    throw new CauceError({
      code: "SourceMissing",
      what: `${data.source} cannot be read.`,
      why: "It is a folder without tables.",
      fix: "Put the tables right into it: those in folders below are not read.",
    });
  }
  const files = names.map((name) => ({ name, file: join(full, name) }));
  return await together(basename(full), files);
}

/** Files that were named one by one, wherever they lie. */
export async function filesSource(
  paths: readonly string[],
  data: DataSettings,
  { folder }: Pick<SourcePlaces, "folder">,
): Promise<Source> {
  refuseTable(data);
  for (const path of paths) await assertReadable(path, resolve(folder, path));
  const names = paths.map((path) => basename(path));
  const alike = new Set(names).size < names.length;
  const width = String(paths.length).length;
  return await together(
    names[0] ?? "",
    paths.map((path, at) => ({
      // Two folders may have files of the same name.
      name: alike ? `${String(at + 1).padStart(width, "0")}-${basename(path)}` : basename(path),
      file: resolve(folder, path),
    })),
  );
}

async function assertReadable(path: string, file: string): Promise<void> {
  const found = isAddress(path) ? undefined : await stat(file).catch(() => undefined);
  if (found === undefined && !isAddress(path)) throw await sourceMissing(file, path);
  if (found?.isFile() && !(await isSqlite(file))) return;
  throw new CauceError({
    code: "SourcesMixed",
    what: `${path} cannot be read together with other files.`,
    why: "Several sources are one table only when each is a file with the same columns.",
    fix: "Name files only, or the one folder that holds them.",
  });
}

function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+]+:\/\//i.test(path);
}

async function together(name: string, files: Source["files"]): Promise<Source> {
  const digests: unknown[] = [];
  for (const one of files) digests.push([one.name, await digestOf(one.file)]);
  return { name, sha256: sha256(canonicalJson(digests)).slice(0, 32), files, folder: true };
}

export function refuseTable({ source, table, query }: DataSettings): void {
  if (table === undefined && query === undefined) return;
  throw new CauceError({
    code: "NotADatabase",
    what: `${source} cannot be asked for ${table === undefined ? "a query" : "a table by its name"}.`,
    why: "It is not a database.",
    fix: "Leave out `--table` and `--query`; the sheet of a workbook is named with `--sheet`.",
  });
}

async function isSqlite(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(16), 0, 16, 0);
  return buffer.toString("latin1").startsWith("SQLite format 3");
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex").slice(0, 32);
}

/** A pipe, a device: the table is read more than once, its digest first. */
function noRegularFile(shown: string): CauceError {
  return new CauceError({
    code: "SourceMissing",
    what: `${shown} cannot be read.`,
    why: "It is no file but a pipe or a device, which could be read only once.",
    fix: `Write it into a file first: cat ${shown} > table.csv`,
  });
}

async function sourceMissing(file: string, shown: string): Promise<CauceError> {
  const meant = closest(basename(file), await readdir(dirname(file)).catch(() => []));
  return new CauceError({
    code: "SourceMissing",
    what: `${shown} cannot be read.`,
    why: "There is no such file.",
    fix: meant === undefined ? "Give the path of a table." : `Did you mean ${join(dirname(shown), meant)}?`,
  });
}
