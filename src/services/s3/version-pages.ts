import { commonPrefix } from "./listing.ts";
import { keyOfObject, objectKey, type S3Context, type VersionRow } from "./state.ts";
import { keyOfVersion, rankOfId, versionKey, versionsBelow, versionsOfKey } from "./version-keys.ts";
import { findObject, findVersion, idOf, newestOf } from "./versions.ts";

export interface Version {
  readonly key: string;
  readonly row: VersionRow;
  readonly isLatest: boolean;
}

interface Page {
  readonly versions: Version[];
  readonly prefixes: string[];
  /** Where the next page goes on, when there is one. */
  readonly next?: Position;
}

/** After this key (or common prefix), or after this version of it. */
interface Position {
  readonly key: string;
  readonly version?: string;
}

interface Asked {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty: none. */
  readonly delimiter: string;
  readonly after: Position;
  readonly max: number;
}

/** All versions in the order of their keys, the newest first; keys that share what is before the delimiter count as one. */
export function pageOfVersions(ctx: S3Context, asked: Asked): Page {
  const { bucket, prefix, delimiter, after, max } = asked;
  const versions: Version[] = [];
  const prefixes: string[] = [];
  if (max === 0) return { versions, prefixes };
  const walk = createWalk(ctx, asked);
  let last: Position | undefined;
  let passed = after.version === undefined ? commonPrefix(after.key, prefix, delimiter) : undefined;
  let before = "";
  if (passed !== undefined) walk.skip(passed);
  for (let found = walk.next(); found; found = walk.next()) {
    const { key, row } = found;
    const shared = commonPrefix(key, prefix, delimiter);
    if (shared !== undefined && shared === passed) continue;
    if (last && versions.length + prefixes.length === max) return { versions, prefixes, next: last };
    passed = shared;
    if (shared === undefined) {
      const isFirst = versions.length === 0 && key === after.key;
      const isLatest = isFirst ? isNewest(ctx, { Bucket: bucket, Key: key }, row) : key !== before;
      versions.push({ key, row, isLatest });
      last = { key, version: idOf(row) };
      before = key;
    } else {
      prefixes.push(shared);
      last = { key: shared };
      walk.skip(shared);
    }
  }
  return { versions, prefixes };
}

/** Both tables at once, a key after the other: a key that is in both has all its versions in that of the versions. */
function createWalk(ctx: S3Context, { bucket, prefix, after }: Asked) {
  const objects = cursor(
    (from, limit) => {
      return ctx.tables.objects.list({ prefix: objectKey(bucket, prefix), after: from, limit });
    },
    objectKey(bucket, after.key),
  );
  const versions = cursor(
    (from, limit) => {
      return ctx.tables.versions.list({ prefix: versionsBelow(bucket, prefix), after: from, limit });
    },
    startOf(ctx, bucket, after),
  );
  return {
    next(): { key: string; row: VersionRow } | undefined {
      for (;;) {
        const object = objects.peek();
        const version = versions.peek();
        const ofObject = object && keyOfObject(bucket, object.key);
        const ofVersion = version && keyOfVersion(bucket, version.key);
        if (object && ofObject !== undefined && (ofVersion === undefined || isBefore(ofObject, ofVersion))) {
          objects.step();
          if (object.row.rank === undefined) return { key: ofObject, row: object.row };
        } else if (ofObject !== undefined && ofObject === ofVersion) {
          objects.step();
        } else if (version && ofVersion !== undefined) {
          versions.step();
          return { key: ofVersion, row: version.row };
        } else return undefined;
      }
    },
    /** To what comes after every key that begins so. */
    skip(shared: string): void {
      objects.jump(objectKey(bucket, shared) + LAST);
      versions.jump(versionsBelow(bucket, shared) + LAST);
    },
  };
}

/** After which row of a version the page begins. A marker that has been deleted meanwhile still has its place. */
function startOf(ctx: S3Context, bucket: string, { key, version }: Position): string {
  if (key === "") return "";
  if (version === undefined) return versionsOfKey(bucket, key) + LAST;
  if (version !== "null") return versionKey(bucket, key, rankOfId(version));
  const rank = findVersion(ctx, { Bucket: bucket, Key: key }, version)?.rank;
  // Where the version `null` stood is not known when it is gone: rather some again than some never.
  return rank === undefined ? versionsOfKey(bucket, key) : versionKey(bucket, key, rank);
}

/** No row key has this character. */
const LAST = "\u{10ffff}";

function isNewest(ctx: S3Context, at: { readonly Bucket: string; readonly Key: string }, row: VersionRow): boolean {
  return (findObject(ctx, at) ?? newestOf(ctx, at))?.rank === row.rank;
}

/** In the order of the rows: by bytes. */
function isBefore(one: string, other: string): boolean {
  return one !== other && Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
}

interface Row<T> {
  readonly key: string;
  readonly row: T;
}

/** Rows a batch at a time; few after a jump, since the next may be another one. */
function cursor<T>(read: (after: string, limit: number) => Row<T>[], start: string) {
  let rows: Row<T>[] = [];
  let at = 0;
  let after = start;
  let size = FIRST_BATCH;
  let isDone = false;
  return {
    peek(): Row<T> | undefined {
      if (at === rows.length && !isDone) {
        rows = read(after, size);
        at = 0;
        isDone = rows.length < size;
        after = rows.at(-1)?.key ?? after;
        size = Math.min(size * 2, LARGEST_BATCH);
      }
      return rows[at];
    },
    step: () => void at++,
    jump(to: string) {
      [rows, at, after, size, isDone] = [[], 0, to, FIRST_BATCH, false];
    },
  };
}

const FIRST_BATCH = 32;
const LARGEST_BATCH = 1000;
