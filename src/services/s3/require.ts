import { sha256 } from "#core";
import {
  accessDenied,
  bucketNotFound,
  invalidArgument,
  isDeleted,
  keyNotFound,
  keyTooLong,
  versionIsMarker,
  versionNotFound,
} from "./faults.ts";
import type { BucketRow, ObjectRow, S3Context } from "./state.ts";
import { findObject, findVersion, idOf, isMarker, newestOf } from "./versions.ts";

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

interface OfObject extends OfBucket {
  readonly Key: string;
  readonly VersionId?: string | undefined;
}

export function requireObject(ctx: S3Context, input: OfObject): ObjectRow {
  return requireVersion(ctx, input).row;
}

/** The version that a request names, or the newest, and how answers name it: not at all where there never was versioning. */
export function requireVersion(
  ctx: S3Context,
  input: OfObject,
): { readonly row: ObjectRow; readonly named: { readonly VersionId?: string } } {
  const { versioning } = requireBucket(ctx, input);
  const { Key: key, VersionId: wanted } = input;
  if (wanted === "") throw invalidArgument("versionId", "", "Version id cannot be the empty string");
  const row = wanted === undefined ? findObject(ctx, input) : findVersion(ctx, input, wanted);
  if (row && !isMarker(row)) return { row, named: versioning ? { VersionId: idOf(row) } : {} };
  if (row) throw versionIsMarker(key, row);
  if (wanted !== undefined) throw versionNotFound(key, wanted);
  const newest = versioning && newestOf(ctx, input);
  throw newest ? isDeleted(key, newest) : keyNotFound(key);
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
