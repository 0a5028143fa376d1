import { invalidArgument } from "./faults.ts";
import { type BucketRow, objectKey, type ObjectRow, type S3Context, type VersionRow } from "./state.ts";
import { rankOf, rankOfId, versionKey, versionsOfKey } from "./version-keys.ts";

// The row of an object is its newest version, unless that is a delete marker. Once its bucket has had versioning, all versions
// stand among the versions too, the newest one twice; an object from before is put there when it is first replaced or deleted.

interface At {
  readonly Bucket: string;
  readonly Key: string;
}

export function findObject(ctx: S3Context, { Bucket, Key }: At): ObjectRow | undefined {
  return ctx.tables.objects.get(objectKey(Bucket, Key));
}

export function blobsOf(row: VersionRow | undefined): string[] {
  return row && !isMarker(row) ? row.pieces.map(({ blob }) => blob) : [];
}

export function isMarker(row: VersionRow): row is Exclude<VersionRow, ObjectRow> {
  return "marker" in row;
}

/** As requests and answers name it. */
export function idOf({ version = NULL }: { readonly version?: string }): string {
  return version;
}

/** Makes `fresh` the newest, inside a transaction; gives the blobs that nobody names any more. */
export function putNewest(
  ctx: S3Context,
  at: At,
  { bucket, current, fresh }: { bucket: BucketRow; current: ObjectRow | undefined; fresh: ObjectRow },
): { row: ObjectRow; unreferenced: string[] } {
  if (!bucket.versioning) {
    ctx.tables.objects.put(objectKey(at.Bucket, at.Key), fresh);
    return { row: fresh, unreferenced: blobsOf(current) };
  }
  const { place, unreferenced } = makeRoom(ctx, at, { bucket, current });
  const row = { ...fresh, ...place };
  ctx.tables.objects.put(objectKey(at.Bucket, at.Key), row);
  ctx.tables.versions.put(versionKey(at.Bucket, at.Key, place.rank), row);
  return { row, unreferenced };
}

export interface Deleted {
  readonly unreferenced: string[];
  /** What was there is gone for good. */
  readonly removed?: VersionRow;
  /** What was there lies under this now. */
  readonly marker?: VersionRow;
}

/** A delete without a version, inside a transaction: with versioning nothing is lost but the version `null` of a suspended bucket. */
export function deleteNewest(ctx: S3Context, at: At, bucket: BucketRow): Deleted {
  const current = findObject(ctx, at);
  if (!bucket.versioning) {
    ctx.tables.objects.delete(objectKey(at.Bucket, at.Key));
    return { unreferenced: blobsOf(current), ...(current && { removed: current }) };
  }
  const { place, unreferenced } = makeRoom(ctx, at, { bucket, current });
  const marker = { marker: true, modified: ctx.now().getTime(), ...place } as const;
  ctx.tables.objects.delete(objectKey(at.Bucket, at.Key));
  ctx.tables.versions.put(versionKey(at.Bucket, at.Key, place.rank), marker);
  return { unreferenced, marker };
}

/** Removes one version for good, inside a transaction; the one below it becomes the newest when it was. */
export function deleteVersion(ctx: S3Context, at: At, versionId: string): Deleted {
  const found = findVersion(ctx, at, versionId);
  if (!found) return { unreferenced: [] };
  const current = findObject(ctx, at);
  if (found.rank !== undefined) ctx.tables.versions.delete(versionKey(at.Bucket, at.Key, found.rank));
  if (current?.rank === found.rank) ctx.tables.objects.delete(objectKey(at.Bucket, at.Key));
  if (!current || current.rank === found.rank) {
    const below = newestOf(ctx, at);
    if (below && !isMarker(below)) ctx.tables.objects.put(objectKey(at.Bucket, at.Key), below);
  }
  return { unreferenced: blobsOf(found), removed: found };
}

/** Changes what is said of a version that stays the same. */
export function changeVersion(ctx: S3Context, at: At, row: ObjectRow): void {
  ctx.kernel.transaction(() => {
    if (row.rank !== undefined) ctx.tables.versions.put(versionKey(at.Bucket, at.Key, row.rank), row);
    if (findObject(ctx, at)?.rank === row.rank) ctx.tables.objects.put(objectKey(at.Bucket, at.Key), row);
  });
}

export function findVersion(ctx: S3Context, at: At, versionId: string): VersionRow | undefined {
  assertVersionId(versionId);
  if (versionId === NULL) return findNull(ctx, at);
  const found = ctx.tables.versions.get(versionKey(at.Bucket, at.Key, rankOfId(versionId)));
  return found?.version === versionId ? found : undefined;
}

/** The top of a key's versions: its object, or a delete marker. Only of a bucket that has had versioning. */
export function newestOf(ctx: S3Context, { Bucket, Key }: At): VersionRow | undefined {
  return ctx.tables.versions.list({ prefix: versionsOfKey(Bucket, Key), limit: 1 })[0]?.row;
}

export function assertVersionId(versionId: string, name = "versionId"): void {
  if (versionId === NULL || FORM.test(versionId)) return;
  // AWS: its ids carry a proof that they are its own; one that is none of them is not looked for.
  throw invalidArgument(name, versionId, "Invalid version id specified");
}

const NULL = "null";
const FORM = /^[0-9a-z]{11}[0-9A-Za-z]{21}$/;

/** Where the next version of a key goes: the newest so far is written down as one, the version `null` gives way where it is replaced. */
function makeRoom(
  ctx: S3Context,
  at: At,
  { bucket, current }: { readonly bucket: BucketRow; readonly current: ObjectRow | undefined },
): { place: { rank: string; version?: string }; unreferenced: string[] } {
  if (current && current.rank === undefined) {
    const rank = rankOf(current.modified);
    ctx.tables.versions.put(versionKey(at.Bucket, at.Key, rank), { ...current, rank });
  }
  const rank = rankOf(ctx.now().getTime(), newestOf(ctx, at)?.rank);
  if (bucket.versioning === "Enabled") {
    return { place: { rank, version: rank + ctx.kernel.ids.token(21) }, unreferenced: [] };
  }
  const replaced = findNull(ctx, at);
  if (replaced) ctx.tables.versions.delete(versionKey(at.Bucket, at.Key, replaced.rank ?? rankOf(replaced.modified)));
  return { place: { rank }, unreferenced: blobsOf(replaced) };
}

/** There is at most one; it is the newest, the oldest, or somewhere between. */
function findNull(ctx: S3Context, at: At): VersionRow | undefined {
  const current = findObject(ctx, at);
  if (current && current.version === undefined) return current;
  const all = ctx.tables.versions.list({ prefix: versionsOfKey(at.Bucket, at.Key) });
  return all.find(({ row }) => row.version === undefined)?.row;
}
