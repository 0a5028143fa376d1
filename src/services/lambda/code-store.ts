import { existsSync, readdirSync, renameSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { sha256 } from "#core";
import type { Context, InputOf, Kernel } from "#kernel";
import { AwsFault, fault } from "#protocol";
import { unpackCode } from "./code-package.ts";
import { invalidParameter, notBuilt, requestTooLarge } from "./faults.ts";
import type { CodeRef, LambdaTables } from "./state.ts";

/** AWS: 50 MB in the request, in base64 with room for the rest of it. */
const MOST_DIRECT = 52_428_800;
const DIRECT_REQUEST = 70_167_211;
const MOST_ZIPPED = 262_144_000;

type CodeInput = InputOf<"lambda", "CreateFunction">["Code"];
type Ctx = Context<LambdaTables>;

/** Takes a package in for a function: kept, checked, unpacked once per content. If the function then does not come to be, `releaseCode`. */
export async function takeCode(ctx: Ctx, code: CodeInput, { operation, functionArn }: Taker): Promise<CodeRef> {
  const blob = await ctx.kernel.blobs.write(await openSource(ctx, code, operation));
  const digest = sha256(await readFile(ctx.kernel.blobs.path(blob.id)));
  const ref = { sha256: digest, size: blob.size };
  const known = ctx.tables.code.get(digest);
  const users = new Set(known?.users).add(functionArn);
  // Its use is noted before anything is waited for, so that nobody removes it in the meantime.
  ctx.tables.code.put(digest, { ...ref, blob: known?.blob ?? blob.id, users: [...users] });
  if (known) await ctx.kernel.blobs.delete(blob.id);
  try {
    if (blob.size > MOST_ZIPPED) throw invalidParameter(`Unzipped size must be smaller than ${MOST_ZIPPED} bytes`);
    await requireUnpacked(ctx, ref);
  } catch (error) {
    if (!known?.users.includes(functionArn)) await dropCode(ctx, ref, functionArn);
    throw error;
  }
  return ref;
}

interface Taker {
  readonly operation: string;
  readonly functionArn: string;
}

/** Notes that a function no longer uses a package; `removeUnusedCode` may follow. */
export function releaseCode(ctx: Ctx, code: CodeRef, functionArn: string): void {
  const row = ctx.tables.code.get(code.sha256);
  if (row) ctx.tables.code.put(code.sha256, { ...row, users: row.users.filter((user) => user !== functionArn) });
}

/** Removes a package unless somebody uses it. */
export async function removeUnusedCode(ctx: Ctx, { sha256: digest }: Pick<CodeRef, "sha256">): Promise<void> {
  const row = ctx.tables.code.get(digest);
  if (!row || row.users.length > 0) return;
  ctx.tables.code.delete(digest);
  // Out of the way at once: the same package may be taken in again while this one is being removed.
  const folder = codeFolder(ctx.kernel, digest);
  const removed = `${folder}.${ctx.kernel.ids.token(8)}.removed`;
  if (existsSync(folder)) renameSync(folder, removed);
  await ctx.kernel.blobs.delete(row.blob);
  await rm(removed, { recursive: true, force: true });
}

export async function dropCode(ctx: Ctx, code: CodeRef, functionArn: string): Promise<void> {
  releaseCode(ctx, code, functionArn);
  await removeUnusedCode(ctx, code);
}

/** What a server that ended in the middle of something left: packages without users, bytes and folders without packages. */
export async function sweepCode(ctx: Ctx): Promise<void> {
  const { blobs } = ctx.kernel;
  const root = codeRoot(ctx.kernel);
  // Read before the first request can add to it.
  const names = existsSync(root) ? readdirSync(root) : [];
  const nameless = new Set(blobs.list());
  for (const { row } of ctx.tables.code.list()) {
    nameless.delete(row.blob);
    await removeUnusedCode(ctx, row);
  }
  for (const blob of nameless) await blobs.delete(blob);
  for (const name of names) {
    if (!ctx.tables.code.get(name)) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** Where packages are unpacked. */
export function codeRoot(kernel: Kernel): string {
  return join(kernel.settings.home, "lambda", "code");
}

export function codeFolder(kernel: Kernel, digest: string): string {
  return join(codeRoot(kernel), digest);
}

/** Makes the folder of a package again, should somebody have removed it. */
export async function requireUnpacked(ctx: Ctx, code: CodeRef): Promise<string> {
  const row = ctx.tables.code.get(code.sha256);
  if (!row) throw fault("ServiceException", "The function's code is gone from the state.", { status: 500 });
  await ensureUnpacked(ctx.kernel, code.sha256, ctx.kernel.blobs.path(row.blob));
  return codeFolder(ctx.kernel, code.sha256);
}

async function ensureUnpacked(kernel: Kernel, digest: string, zip: string): Promise<void> {
  const folder = codeFolder(kernel, digest);
  if (!existsSync(folder)) await unpackCode(zip, folder);
}

async function openSource(ctx: Ctx, code: CodeInput, operation: string): Promise<Readable | Uint8Array> {
  if (code.ImageUri !== undefined) throw notBuilt("Code.ImageUri");
  if (code.SourceKMSKeyArn !== undefined) throw notBuilt("Code.SourceKMSKeyArn");
  const direct = code.ZipFile !== undefined;
  // AWS: exactly one of the two.
  if (direct === (code.S3Bucket !== undefined && code.S3Key !== undefined))
    throw invalidParameter("Please provide a source for function code.");
  return direct ? directBytes(code.ZipFile, operation) : fetchFromS3(ctx, code);
}

function directBytes(zip: Uint8Array | undefined, operation: string): Uint8Array {
  if (!zip || zip.length === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
  if (zip.length > MOST_DIRECT) throw requestTooLarge(DIRECT_REQUEST, operation);
  return zip;
}

async function fetchFromS3(ctx: Ctx, code: CodeInput): Promise<Readable | Uint8Array> {
  const { S3Bucket: bucket = "", S3Key: key = "", S3ObjectVersion: version } = code;
  try {
    const { Body: body } = await ctx.call("s3", "GetObject", {
      Bucket: bucket,
      Key: key,
      ...(version !== undefined && { VersionId: version }),
    });
    return typeof body === "string" ? Buffer.from(body) : (body ?? new Uint8Array());
  } catch (error) {
    if (error instanceof AwsFault) throw s3Refused(error, `${bucket}/${key}`);
    throw error;
  }
}

/** AWS: S3's own code and sentence, inside of Lambda's. Seen in issues of public clients. */
function s3Refused(error: AwsFault, place: string) {
  const told = `S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`;
  if (error.status !== 403) return invalidParameter(`Error occurred while GetObject. ${told}`);
  const advice = `please make sure your request credentials have permission to GetObject for ${place}`;
  return fault("AccessDeniedException", `Your access has been denied by S3, ${advice}. ${told}`, {
    status: 403,
    members: { Type: "User" },
  });
}
