import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Caller } from "#aws";
import { canonicalJson, parseJson, sha256 } from "#core";
import { carried } from "./carried.ts";
import { championUri } from "./champion.ts";
import { digestOf } from "./digest.ts";
import { findProfile, put } from "./objects.ts";
import { fetchSource } from "./fetch-source.ts";
import type { Profile } from "./profile.ts";
import type { ReadOptions } from "./readers/reader.ts";
import { readTable } from "./table.ts";
import { checkTarget } from "./target.ts";

export interface ExtractSettings {
  readonly outputUri: string;
  readonly group: string;
  /** An address where an object lies, but no model. */
  readonly noChampionUri: string;
  /** Of the secret with a database's password. */
  readonly secretId?: string | undefined;
  /** Of the code that reads: another reader may read another table out of the same bytes. */
  readonly readerDigest: string;
  readonly temporary: string;
  readonly memoryMegabytes: number;
}

/** As a Lambda step gives it: flat. */
export interface ExtractEvent {
  readonly SourceUri: string;
  readonly SourceName?: string;
  /** Of a database. */
  readonly Table?: string;
  readonly Query?: string;
  readonly Target: string;
  readonly Header?: boolean | string;
  readonly Sheet?: string;
  readonly Separator?: string;
  readonly Encoding?: string;
  readonly Decimal?: string;
  readonly Dates?: string;
  /** A list in JSON. */
  readonly Missing?: string;
  /** Column → kind of feature, in JSON. */
  readonly Kinds?: string;
}

/** As a Lambda step takes it: flat, texts of at most 1,024 characters. */
export interface ExtractAnswer {
  readonly DataUri: string;
  readonly ProfileUri: string;
  readonly Rows: string;
  readonly Columns: string;
  readonly ChampionUri: string;
}

/** Reads any table into `data.parquet` and `profile.json`, at an address that only their content decides. */
export function extractor(aws: Caller, settings: ExtractSettings): (event: ExtractEvent) => Promise<ExtractAnswer> {
  return async (event) => {
    const folder = await mkdtemp(join(settings.temporary, "extract-"));
    try {
      // In parallel: what serves now has nothing to do with the table.
      const [champion, table] = await Promise.all([championUri(aws, settings), extract(aws, settings, event, folder)]);
      return { ...table, ChampionUri: champion };
    } catch (error) {
      throw carried(error);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function extract(
  aws: Caller,
  settings: ExtractSettings,
  event: ExtractEvent,
  folder: string,
): Promise<Omit<ExtractAnswer, "ChampionUri">> {
  const files = await fetchSource(aws, event, folder, settings.secretId);
  const name = event.SourceName ?? files[0]?.name ?? "table";
  const options = optionsOf(event);
  const digests = await Promise.all(files.map(async (one) => [await digestOf(one.file), one.name]));
  const digest = sha256(canonicalJson([digests, name, { ...options }, settings.readerDigest])).slice(0, 32);
  const DataUri = `${settings.outputUri}/${digest}/`;
  let profile = await findProfile(aws, DataUri);
  if (!profile) {
    const made = await readTable({
      files,
      name,
      folder,
      memoryMegabytes: settings.memoryMegabytes,
      ...options,
    });
    checkTarget(made.profile, event.Target);
    profile = made.profile;
    await put(aws, `${DataUri}data.parquet`, await readFile(made.parquet), "application/vnd.apache.parquet");
    // Last, because whoever finds it takes the rest for written.
    await put(aws, `${DataUri}profile.json`, JSON.stringify(profile), "application/json");
  }
  checkTarget(profile, event.Target);
  return { DataUri, ProfileUri: `${DataUri}profile.json`, ...counts(profile) };
}

function counts(profile: Profile): { readonly Rows: string; readonly Columns: string } {
  return { Rows: String(profile.rows), Columns: String(profile.columns.length) };
}

function optionsOf(event: ExtractEvent): ReadOptions {
  const given = {
    target: event.Target,
    kinds: event.Kinds === undefined ? undefined : parseJson(event.Kinds),
    sheet: event.Sheet,
    separator: event.Separator,
    encoding: event.Encoding,
    decimal: event.Decimal,
    dates: event.Dates,
    missing: event.Missing === undefined ? undefined : parseJson(event.Missing),
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { header: String(event.Header ?? true) !== "false", ...(Object.fromEntries(said) as Partial<ReadOptions>) };
}
