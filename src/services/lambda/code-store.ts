import { existsSync } from "node:fs";
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

/** Takes a package in: kept, checked, unpacked once per content. It is the caller's to note who uses it, by `useCode`. */
export async function takeCode(ctx: Ctx, code: CodeInput, operation: string): Promise<CodeRef> {
  if (code.ImageUri !== undefined) throw notBuilt("Code.ImageUri");
  if (code.SourceKMSKeyArn !== undefined) throw notBuilt("Code.SourceKMSKeyArn");
  const direct = code.ZipFile !== undefined;
  const fromS3 = code.S3Bucket !== undefined && code.S3Key !== undefined;
  // AWS: exactly one of the two.
  if (direct === fromS3) throw invalidParameter("Please provide a source for function code.");
  const source = direct ? directBytes(code.ZipFile, operation) : await fetchFromS3(ctx, code);
  const blob = await ctx.kernel.blobs.write(source);
  let kept = false;
  try {
    if (blob.size > MOST_ZIPPED) throw invalidParameter(`Unzipped size must be smaller than ${MOST_ZIPPED} bytes`);
    const digest = sha256(await readFile(ctx.kernel.blobs.path(blob.id)));
    await ensureUnpacked(ctx.kernel, digest, ctx.kernel.blobs.path(blob.id));
    if (!ctx.tables.code.get(digest)) {
      ctx.tables.code.put(digest, { sha256: digest, blob: blob.id, size: blob.size, users: [] });
      kept = true;
    }
    return { sha256: digest, size: blob.size };
  } finally {
    if (!kept) await ctx.kernel.blobs.delete(blob.id);
  }
}

/** Notes that a function uses a package. Call it in the transaction that writes the function. */
export function useCode(ctx: Ctx, code: CodeRef, functionArn: string): void {
  const row = ctx.tables.code.get(code.sha256);
  if (row && !row.users.includes(functionArn))
    ctx.tables.code.put(code.sha256, { ...row, users: [...row.users, functionArn] });
}

/** Notes that it no longer does. Answers whether nobody does, so that `removeCode` may follow. */
export function releaseCode(ctx: Ctx, code: CodeRef, functionArn: string): void {
  const row = ctx.tables.code.get(code.sha256);
  if (row) ctx.tables.code.put(code.sha256, { ...row, users: row.users.filter((user) => user !== functionArn) });
}

/** Removes a package that nobody uses any more. */
export async function removeUnusedCode(ctx: Ctx, code: CodeRef): Promise<void> {
  const row = ctx.tables.code.get(code.sha256);
  if (!row || row.users.length > 0) return;
  ctx.tables.code.delete(code.sha256);
  await ctx.kernel.blobs.delete(row.blob);
  await rm(codeFolder(ctx.kernel, code.sha256), { recursive: true, force: true });
}

export function codeFolder(kernel: Kernel, digest: string): string {
  return join(kernel.settings.home, "lambda", "code", digest);
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
