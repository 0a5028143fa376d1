import { setImmediate } from "node:timers/promises";
import { tableKey } from "#kernel";
import { objectBytes } from "./bytes.ts";
import { deliverEvents, recordDeletion } from "./events.ts";
import { expiryOf, isMarkerDue, isNoncurrentDue, isUploadDue } from "./lifecycle-due.ts";
import { dropUpload, uploadIdOf } from "./multipart-state.ts";
import type { BucketRow, S3Context } from "./state.ts";
import { pageOfVersions, type Version } from "./version-pages.ts";
import { versionsOfKey } from "./version-keys.ts";
import { type Deleted, deleteNewest, deleteVersion, findObject, findVersion, idOf, isMarker } from "./versions.ts";

/** Does what the lifecycle rules of all buckets say by now. AWS: once a day; here whenever it is asked, so that nothing is left to remember. */
export async function expire(ctx: S3Context, signal: AbortSignal): Promise<void> {
  for (const { key: bucket, row } of ctx.tables.buckets.list()) {
    if (!row.lifecycle?.some(({ isOn }) => isOn)) continue;
    await expireVersions(ctx, bucket, signal);
    await abortUploads(ctx, bucket);
  }
  deliverEvents(ctx);
}

export function hasLifecycle(ctx: S3Context): boolean {
  return ctx.tables.buckets.list().some(({ row }) => row.lifecycle?.some(({ isOn }) => isOn));
}

const PAGE = 500;

async function expireVersions(ctx: S3Context, bucket: string, signal: AbortSignal): Promise<void> {
  const stack = createStack();
  let after: { readonly key: string; readonly version?: string } | undefined = { key: "" };
  while (after && !signal.aborted) {
    const asked = { bucket, prefix: "", delimiter: "", after, max: PAGE };
    const page: ReturnType<typeof pageOfVersions> = pageOfVersions(ctx, asked);
    const seen = page.versions.map((version) => ({ version, ...stack.push(version) }));
    for (const one of seen) await expireOne(ctx, bucket, one);
    after = page.next;
    // Requests are answered between pages.
    await setImmediate();
  }
}

interface Seen {
  readonly version: Version;
  /** When what lies over it was put there. */
  readonly since: number;
  /** How many noncurrent versions are newer. */
  readonly newer: number;
}

/** What lies over each version, as they come: by key, the newest first. */
function createStack() {
  let key = "";
  let above = 0;
  let count = 0;
  return {
    push({ key: now, row }: Version): Omit<Seen, "version"> {
      if (now !== key || count === 0) [key, above, count] = [now, row.modified, 0];
      const seen = { since: above, newer: Math.max(count - 1, 0) };
      [above, count] = [row.modified, count + 1];
      return seen;
    },
  };
}

/** In one transaction: whether it is still so, and then what is due. */
async function expireOne(ctx: S3Context, name: string, { version, since, newer }: Seen): Promise<void> {
  const { key } = version;
  const at = { Bucket: name, Key: key };
  const bytes = ctx.kernel.live(objectBytes);
  const now = ctx.now().getTime();
  const bucket = ctx.tables.buckets.get(name);
  if (!bucket || !isDue(ctx, { name, ...bucket }, { version, since, newer, now })) return;
  const unreferenced = ctx.kernel.transaction(() => {
    const gone =
      version.isLatest && !isMarker(version.row) ? dropNewest(ctx, at, bucket, version) : drop(ctx, at, version);
    if (!gone) return [];
    recordDeletion(ctx, { ...at, bucket }, gone, "Lifecycle Expiration");
    return bytes.release(gone.unreferenced);
  });
  await bytes.discard(unreferenced);
}

function isDue(
  ctx: S3Context,
  bucket: BucketRow & { readonly name: string },
  seen: Seen & { readonly now: number },
): boolean {
  const { version, since, newer, now } = seen;
  const { key, row, isLatest } = version;
  const { lifecycle: rules = [] } = bucket;
  if (!isLatest) return isNoncurrentDue(rules, key, { row, since, newer, now });
  if (!isMarker(row)) return (expiryOf(bucket, key, row)?.time ?? Infinity) <= now;
  return isMarkerDue(rules, key, row, now) && isAlone(ctx, bucket.name, version);
}

function isAlone(ctx: S3Context, name: string, { key }: Version): boolean {
  return ctx.tables.versions.list({ prefix: versionsOfKey(name, key), limit: 2 }).length === 1;
}

/** AWS: with versioning a delete marker is laid over it; without, it is gone. */
function dropNewest(
  ctx: S3Context,
  at: { readonly Bucket: string; readonly Key: string },
  bucket: BucketRow,
  { row }: Version,
): Deleted | undefined {
  const current = findObject(ctx, at);
  const isSame = current && current.rank === row.rank && current.modified === row.modified;
  return isSame ? deleteNewest(ctx, at, bucket) : undefined;
}

function drop(
  ctx: S3Context,
  at: { readonly Bucket: string; readonly Key: string },
  { row }: Version,
): Deleted | undefined {
  return findVersion(ctx, at, idOf(row))?.rank === row.rank ? deleteVersion(ctx, at, idOf(row)) : undefined;
}

async function abortUploads(ctx: S3Context, name: string): Promise<void> {
  const bytes = ctx.kernel.live(objectBytes);
  const now = ctx.now().getTime();
  for (const { key, row } of ctx.tables.uploads.list({ prefix: tableKey(name, "") })) {
    const { lifecycle: rules = [] } = ctx.tables.buckets.get(name) ?? {};
    if (!isUploadDue(rules, row.key, row.initiated, now)) continue;
    const asked = { Bucket: name, Key: row.key, UploadId: uploadIdOf(key) };
    await bytes.discard(ctx.kernel.transaction(() => bytes.release(dropUpload(ctx, asked))));
  }
}
