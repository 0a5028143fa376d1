import { invalidArgument } from "./faults.ts";
import { keyOfObject, objectKey, type ObjectRow, type S3Context } from "./state.ts";

export interface Listing {
  readonly objects: { readonly key: string; readonly row: ObjectRow }[];
  readonly prefixes: string[];
  /** Where the next page goes on, when there is one: the last key or common prefix of this page. */
  readonly next?: string;
}

interface Asked {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty: none. */
  readonly delimiter: string;
  /** Only what comes after this key or common prefix. */
  readonly after: string;
  readonly max: number;
}

/** Keys in the order of their bytes; those that share what is before the delimiter count as one. */
export function listBucket(ctx: S3Context, asked: Asked): Listing {
  const { bucket, prefix, delimiter, after, max } = asked;
  const page = newPage(asked);
  if (max === 0) return page.listing;
  const passed = commonPrefix(after, prefix, delimiter);
  let from = passed === undefined ? objectKey(bucket, after) : beyond(bucket, passed);
  let batch = delimiter === "" ? max + 1 : FIRST_BATCH;
  for (;;) {
    const rows = ctx.tables.objects.list({ prefix: objectKey(bucket, prefix), after: from, limit: batch });
    for (const { key, row } of rows) {
      if (!page.take(keyOfObject(bucket, key), row)) return page.listing;
    }
    const end = rows.at(-1);
    if (!end || rows.length < batch) return page.listing;
    const skipped = page.passed();
    from = skipped === undefined ? end.key : beyond(bucket, skipped);
    batch = skipped === undefined ? Math.min(batch * 2, max + 1) : FIRST_BATCH;
  }
}

function newPage({ prefix, delimiter, after, max }: Asked) {
  const objects: { key: string; row: ObjectRow }[] = [];
  const prefixes: string[] = [];
  const listing: { -readonly [K in keyof Listing]: Listing[K] } = { objects, prefixes };
  let last = "";
  // AWS: what shares a common prefix with the marker has been listed with it.
  let passed = commonPrefix(after, prefix, delimiter);
  return {
    listing,
    /** The common prefix that the last key belongs to: all that share it are done. */
    passed: () => passed,
    /** False when the page was full already. */
    take(key: string, row: ObjectRow): boolean {
      const shared = commonPrefix(key, prefix, delimiter);
      if (shared !== undefined && shared === passed) return true;
      if (objects.length + prefixes.length === max) {
        listing.next = last;
        return false;
      }
      last = shared ?? key;
      passed = shared;
      if (shared === undefined) objects.push({ key, row });
      else prefixes.push(shared);
      return true;
    },
  };
}

/** Few rows after a jump: the next one may be another common prefix with a million keys. */
const FIRST_BATCH = 32;

export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** After every key that begins so: no row key has this character. */
function beyond(bucket: string, shared: string): string {
  return `${objectKey(bucket, shared)}\u{10ffff}`;
}

export function pageSize(given: number | undefined, name: string): number {
  if (given === undefined) return 1000;
  if (given < 0 || !Number.isInteger(given)) {
    throw invalidArgument(name, given, `Argument ${name} must be an integer between 0 and 2147483647`);
  }
  return Math.min(given, 1000);
}

/** AWS: as in forms: a space is `+`; the slash stays (API reference, ListObjects, EncodingType). */
export function encoder(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== "url") throw invalidArgument("encoding-type", type, "Invalid Encoding Method specified in Request");
  return (text) =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+")
      .replaceAll("%2F", "/");
}
