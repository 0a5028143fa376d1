import { sha256 } from "#core";
import { accessDenied, bucketNotFound, invalidArgument, keyNotFound, keyTooLong, versionNotFound } from "./faults.ts";
import { type BucketRow, type ObjectRow, objectKey, type S3Context } from "./state.ts";

interface OfBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** The bucket that a request names, when it exists and belongs to whom the request expects. */
export function requireBucket(ctx: S3Context, input: OfBucket): BucketRow {
  const row = ctx.tables.buckets.get(input.Bucket);
  if (!row) throw bucketNotFound(input.Bucket);
  assertOwner(ctx, input.ExpectedBucketOwner);
  return row;
}

export function assertOwner(ctx: S3Context, expected: string | undefined): void {
  if (expected !== undefined && expected !== ctx.account) throw accessDenied();
}

export function requireObject(
  ctx: S3Context,
  input: OfBucket & { Key: string; VersionId?: string | undefined },
): ObjectRow {
  requireBucket(ctx, input);
  assertVersion(input);
  const row = ctx.tables.objects.get(objectKey(input.Bucket, input.Key));
  if (!row) throw keyNotFound(input.Key);
  return row;
}

/** Without versioning every object is its own version `null`. */
export function assertVersion(input: { Key: string; VersionId?: string | undefined }): void {
  const { VersionId: version } = input;
  if (version === undefined || version === "null") return;
  if (version === "") throw invalidArgument("versionId", "", "Version id cannot be the empty string");
  throw versionNotFound(input.Key, version);
}

const LONGEST_KEY = 1024;

export function assertKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > LONGEST_KEY) throw keyTooLong(size);
}

/** The canonical user that owns everything of an account. */
export function ownerOf(account: string): { ID: string } {
  return { ID: sha256(`canonical user of ${account}`) };
}

/** AWS: times are shown in whole seconds everywhere. */
export function shownTime(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
