import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { chainTarget, type Clients, upload, withClients } from "#aws";
import { CauceError, isRecord, parseJson, sha256 } from "#core";
import type { RunningServer } from "#server";
import { readCredentials } from "./server-file.ts";

type Kernel = RunningServer["kernel"];

/** Where in S3 a server keeps a copy of its state. */
export interface KeepPlace {
  readonly bucket: string;
  /** Ends with a slash. */
  readonly prefix: string;
}

/** How a server that is elsewhere is reached: what it writes beside the copy of its state. */
export interface Access {
  readonly certificate: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What the functions' native code runs on there. */
  readonly platform: string;
  readonly version: string;
}

export const ACCESS = "access.json";
const LATEST = "backup/latest.json";
const DATABASES = ["state.db", "logs.db"] as const;

/** What a copy consists of. Written last: what it names is there. */
interface Manifest {
  readonly at: string;
  /** Below `backup/`. */
  readonly databases: Readonly<Record<string, string>>;
  /** Below `backup/blobs/`, as below the home's `blobs`. */
  readonly blobs: readonly string[];
}

export function parsePlace(text: string): KeepPlace {
  const [, bucket, path = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(text) ?? [];
  if (bucket !== undefined) return { bucket, prefix: path === "" || path.endsWith("/") ? path : `${path}/` };
  throw new CauceError({
    code: "KeepUnknown",
    what: `"${text}" is no place in S3.`,
    why: "A copy of the state is kept in a bucket.",
    fix: "Name it with --keep s3://bucket/prefix/.",
  });
}

/** Lends clients with the surroundings' credentials of now: those of an instance's role end within hours. */
export async function withKeeper<T>(work: (aws: Clients) => Promise<T>): Promise<T> {
  const { who: _who, ...target } = await chainTarget();
  return withClients(target, work);
}

/** Brings a home back from the copy when it is empty: whether it did. Keys come back too: who has them goes on using them. */
export async function restoreHome(aws: Clients, home: string, place: KeepPlace): Promise<boolean> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (existsSync(join(home, "state.db"))) return false;
  const access = await readAccess(aws, place);
  if (access && readCredentials(home) === undefined) writeCredentials(home, access);
  const manifest = (await readJson(aws, place, LATEST)) as Manifest | undefined;
  if (!manifest) return false;
  for (const blob of manifest.blobs)
    await download(aws, place, { key: `backup/blobs/${blob}`, file: join(home, "blobs", blob) });
  for (const name of DATABASES.toReversed()) {
    const key = `backup/${manifest.databases[name]}`;
    await download(aws, place, { key, file: join(home, `${name}.restored`), packed: true });
    renameSync(join(home, `${name}.restored`), join(home, name));
  }
  return true;
}

export async function readAccess(aws: Clients, place: KeepPlace): Promise<Access | undefined> {
  return (await readJson(aws, place, ACCESS)) as Access | undefined;
}

export async function writeAccess(aws: Clients, place: KeepPlace, access: Access): Promise<void> {
  await upload(await aws.s3(), {
    bucket: place.bucket,
    key: place.prefix + ACCESS,
    body: JSON.stringify(access),
    contentType: "application/json",
  });
}

/** Copies the state as it is now. Blobs that are there already stay; what the new copy does not name goes at the end. */
export async function backUp(
  aws: Clients,
  place: KeepPlace,
  kernel: Pick<Kernel, "settings" | "clock" | "snapshot">,
): Promise<Manifest> {
  const folder = join(kernel.settings.home, "backup");
  rmSync(folder, { recursive: true, force: true });
  try {
    kernel.snapshot(folder);
    const s3 = await aws.s3();
    const put = (key: string, body: Readable | string) =>
      upload(s3, { bucket: place.bucket, key: place.prefix + key, body });
    const blobs = filesBelow(join(folder, "blobs"));
    const there = new Set(await keysBelow(aws, place, "backup/"));
    for (const blob of blobs) {
      const key = `backup/blobs/${blob}`;
      if (!there.has(key)) await put(key, createReadStream(join(folder, "blobs", blob)));
    }
    const databases: Record<string, string> = {};
    for (const name of DATABASES) {
      const file = join(folder, name);
      databases[name] = `${name}-${sha256(readFileSync(file)).slice(0, 32)}.gz`;
      const key = `backup/${databases[name]}`;
      if (!there.has(key)) await put(key, createReadStream(file).pipe(createGzip({ level: 1 })));
    }
    const manifest: Manifest = { at: kernel.clock.now().toISOString(), databases, blobs };
    await put(LATEST, JSON.stringify(manifest));
    await removeStale(aws, place, [...there], manifest);
    return manifest;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function removeStale(
  aws: Clients,
  place: KeepPlace,
  there: readonly string[],
  manifest: Manifest,
): Promise<void> {
  const named = new Set([
    LATEST,
    ...Object.values(manifest.databases).map((name) => `backup/${name}`),
    ...manifest.blobs.map((blob) => `backup/blobs/${blob}`),
  ]);
  const stale = there.filter((key) => !named.has(key));
  const s3 = await aws.s3();
  for (let i = 0; i < stale.length; i += 1000) {
    const Objects = stale.slice(i, i + 1000).map((key) => ({ Key: place.prefix + key }));
    await s3.deleteObjects({ Bucket: place.bucket, Delete: { Objects, Quiet: true } });
  }
}

/** Without the prefix. */
async function keysBelow(aws: Clients, { bucket, prefix }: KeepPlace, path: string): Promise<string[]> {
  const s3 = await aws.s3();
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.listObjectsV2({
      Bucket: bucket,
      Prefix: prefix + path,
      ...(ContinuationToken !== undefined && { ContinuationToken }),
    });
    found.push(...(page.Contents ?? []).map(({ Key = "" }) => Key.slice(prefix.length)));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

/** Listed before it is read: AWS answers 403, not 404, for what is not there to those who may list only below a prefix. */
async function readJson(aws: Clients, place: KeepPlace, key: string): Promise<object | undefined> {
  if (!(await keysBelow(aws, place, key)).includes(key)) return undefined;
  const { Body } = await (await aws.s3()).getObject({ Bucket: place.bucket, Key: place.prefix + key });
  const found = parseJson((await Body?.transformToString()) ?? "");
  return isRecord(found) ? found : undefined;
}

async function download(
  aws: Clients,
  place: KeepPlace,
  { key, file, packed = false }: { readonly key: string; readonly file: string; readonly packed?: boolean },
): Promise<void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { Body } = await (await aws.s3()).getObject({ Bucket: place.bucket, Key: place.prefix + key });
  const out = createWriteStream(file, { mode: 0o600 });
  if (packed) await pipeline(Body as Readable, createGunzip(), out);
  else await pipeline(Body as Readable, out);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)).map((name) => `${entry.name}/${name}`) : [entry.name],
  );
}

function writeCredentials(home: string, { accessKeyId, secretAccessKey }: Access): void {
  const text = `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  writeFileSync(join(home, "credentials"), text, { mode: 0o600 });
}
