import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { parseJson } from "#core";
import type { AssumedRole, Context } from "#kernel";
import { AwsFault } from "#protocol";
import { clientError, requireS3Uri, type S3Place } from "./s3-uri.ts";

/** Who reads and writes, and until when. */
export interface S3Session {
  readonly ctx: Pick<Context, "call" | "region">;
  readonly role: AssumedRole;
  readonly roleArn: string;
  readonly signal: AbortSignal;
}

export interface Download {
  readonly uri: string;
  readonly type: "S3Prefix" | "ManifestFile";
  readonly gzip: boolean;
  readonly folder: string;
}

const AT_ONCE = 8;

/** Brings what lies under an S3 address into a folder, as SageMaker does for a channel in File mode. */
export async function download(session: S3Session, what: Download): Promise<number> {
  await mkdir(what.folder, { recursive: true });
  const files = await findObjects(session, what);
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) await fetchFile(session, file, what);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return files.length;
}

/** One object, whole. */
export async function downloadObject(session: S3Session, uri: string, to: string): Promise<void> {
  const { bucket, key } = requireS3Uri(uri);
  await fetchFile(session, { bucket, key, name: basename(to) }, { gzip: false, folder: dirname(to) });
}

/** An object of an input. */
export interface File extends S3Place {
  /** Below the folder. */
  readonly name: string;
}

/** The objects that an S3 address stands for. */
export function findObjects(session: S3Session, { uri, type }: Pick<Download, "uri" | "type">): Promise<File[]> {
  const place = requireS3Uri(uri);
  return type === "ManifestFile" ? readManifest(session, place, uri) : listFiles(session, place, uri);
}

/** What is in an object, as it comes. */
export async function openObject(session: S3Session, { bucket, key }: S3Place): Promise<Readable> {
  const { Body: body } = await read(session, `s3://${bucket}/${key}`, () =>
    session.ctx.call("s3", "GetObject", { Bucket: bucket, Key: key }, { as: session.role.principal }),
  );
  return body instanceof Readable ? body : Readable.from([Buffer.from(body ?? "")]);
}

async function listFiles(session: S3Session, { bucket, key: prefix }: S3Place, uri: string): Promise<File[]> {
  const files: File[] = [];
  let token: string | undefined;
  do {
    const page = await read(session, uri, () =>
      session.ctx.call(
        "s3",
        "ListObjectsV2",
        { Bucket: bucket, Prefix: prefix, ...(token !== undefined && { ContinuationToken: token }) },
        { as: session.role.principal },
      ),
    );
    for (const { Key: key = "" } of page.Contents ?? [])
      if (!key.endsWith("/")) files.push({ bucket, key, name: nameBelow(prefix, key) });
    token = page.NextContinuationToken;
  } while (token !== undefined);
  if (files.length > 0) return files;
  // AWS: this sentence, sagemaker-python-sdk issue 1238 among others.
  throw clientError(
    `ClientError: Data download failed:No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists in the selected region (${session.ctx.region}), that objects exist under that S3 prefix, and that the role "${session.roleArn}" has "s3:ListBucket" permissions on bucket "${bucket}".`,
  );
}

/** The part of a key that becomes the path: below the prefix, or, when the prefix is part of a name, from its last slash on. */
function nameBelow(prefix: string, key: string): string {
  if (prefix === "" || prefix.endsWith("/")) return key.slice(prefix.length);
  if (key[prefix.length] === "/") return key.slice(prefix.length + 1);
  return key.slice(prefix.lastIndexOf("/") + 1);
}

/** AWS: `[{"prefix": "s3://bucket/path/"}, "relative/key", …]`. S3DataSource in the API reference. */
async function readManifest(session: S3Session, place: S3Place, uri: string): Promise<File[]> {
  const { Body: body } = await read(session, uri, () =>
    session.ctx.call("s3", "GetObject", { Bucket: place.bucket, Key: place.key }, { as: session.role.principal }),
  );
  const entries = parseJson(await toText(body));
  const [first, ...names] = Array.isArray(entries) ? (entries as unknown[]) : [];
  const prefix = (first as { prefix?: unknown } | undefined)?.prefix;
  if (typeof prefix !== "string" || !names.every((name) => typeof name === "string")) {
    throw clientError(
      `ClientError: Data download failed:${uri} is not a manifest: [{"prefix": "s3://bucket/path/"}, "key", …].`,
    );
  }
  const { bucket, key } = requireS3Uri(prefix);
  return names.map((name) => ({ bucket, key: key + name, name }));
}

async function fetchFile(session: S3Session, file: File, what: Pick<Download, "gzip" | "folder">): Promise<void> {
  session.signal.throwIfAborted();
  const path = resolve(what.folder, what.gzip ? file.name.replace(/\.gz$/, "") : file.name);
  if (!path.startsWith(what.folder + sep))
    throw clientError(`ClientError: Data download failed:the key ${file.key} leads out of its folder.`);
  await mkdir(dirname(path), { recursive: true });
  const uri = `s3://${file.bucket}/${file.key}`;
  const source = await openObject(session, file);
  const target = createWriteStream(path);
  try {
    if (what.gzip) await pipeline(source, createGunzip(), target, { signal: session.signal });
    else await pipeline(source, target, { signal: session.signal });
  } catch (error) {
    session.signal.throwIfAborted();
    if (what.gzip) throw clientError(`ClientError: Data download failed:${uri} is not gzip, as CompressionType says.`);
    throw error;
  }
}

async function toText(body: Readable | Uint8Array | string | undefined): Promise<string> {
  if (!(body instanceof Readable)) return Buffer.from(body ?? "").toString();
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

/** What S3 answers becomes the job's reason, as AWS words it. */
async function read<T>(session: S3Session, uri: string, ask: () => Promise<T>): Promise<T> {
  session.signal.throwIfAborted();
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AwsFault)
      throw clientError(`ClientError: Data download failed:${error.code}: ${error.message} (${uri})`);
    throw error;
  }
}
