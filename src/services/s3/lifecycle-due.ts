import type { BucketRow, LifecycleRow, ObjectRow, S3Context, VersionRow } from "./state.ts";
import { isMarker } from "./versions.ts";

/** When an object will go by the rules of its bucket, and by which; the earliest. */
export interface Expiry {
  readonly time: number;
  readonly rule: string;
}

export function expiryOf({ lifecycle = [] }: BucketRow, key: string, row: ObjectRow): Expiry | undefined {
  let first: Expiry | undefined;
  for (const rule of lifecycle) {
    if (!rule.expiration || !applies(rule, key, row)) continue;
    const { days, date } = rule.expiration;
    const time = days === undefined ? date : dueAfter(row.modified, days);
    if (time !== undefined && (!first || time < first.time)) first = { time, rule: rule.id };
  }
  return first;
}

/** AWS: as the header `x-amz-expiration` says it, the rule's id percent-encoded (API reference, PutObject). */
export function shownExpiry(
  ctx: S3Context,
  at: { readonly Bucket: string; readonly Key: string },
  row: ObjectRow,
): { readonly Expiration?: string } {
  const bucket = ctx.tables.buckets.get(at.Bucket);
  const expiry = bucket?.lifecycle && expiryOf(bucket, at.Key, row);
  if (!expiry) return {};
  const date = new Date(expiry.time).toUTCString();
  return { Expiration: `expiry-date="${date}", rule-id="${encodeURIComponent(expiry.rule)}"` };
}

/** AWS: when an upload will be aborted, and by which rule (API reference, CreateMultipartUpload); the earliest. */
export function shownAbort(
  ctx: S3Context,
  at: { readonly Bucket: string; readonly Key: string },
  initiated: number,
): { readonly AbortDate?: Date; readonly AbortRuleId?: string } {
  const [first] = (ctx.tables.buckets.get(at.Bucket)?.lifecycle ?? [])
    .filter(({ isOn, abortAfter, ...rule }) => isOn && abortAfter !== undefined && at.Key.startsWith(prefixOf(rule)))
    .toSorted((one, other) => (one.abortAfter ?? 0) - (other.abortAfter ?? 0));
  if (first?.abortAfter === undefined) return {};
  return { AbortDate: new Date(dueAfter(initiated, first.abortAfter)), AbortRuleId: first.id };
}

/** A delete marker that is all that is left of its key. */
export function isMarkerDue(rules: readonly LifecycleRow[], key: string, row: VersionRow, now: number): boolean {
  return rules.some((rule) => {
    if (!rule.expiration || !applies(rule, key, row)) return false;
    const { days, markers } = rule.expiration;
    // AWS: expiring by days takes such markers too (user guide, "Examples of lifecycle configurations").
    return markers === true || (days !== undefined && dueAfter(row.modified, days) <= now);
  });
}

/** A version that something newer lies over, with so many newer ones of its kind between. */
export function isNoncurrentDue(
  rules: readonly LifecycleRow[],
  key: string,
  { row, since, newer, now }: { row: VersionRow; since: number; newer: number; now: number },
): boolean {
  return rules.some((rule) => {
    const { noncurrent } = rule;
    if (!noncurrent || !applies(rule, key, row)) return false;
    return dueAfter(since, noncurrent.days) <= now && newer >= (noncurrent.newer ?? 0);
  });
}

export function isUploadDue(rules: readonly LifecycleRow[], key: string, initiated: number, now: number): boolean {
  return rules.some((rule) => {
    const { abortAfter, isOn } = rule;
    return isOn && abortAfter !== undefined && key.startsWith(prefixOf(rule)) && dueAfter(initiated, abortAfter) <= now;
  });
}

const DAY = 86_400_000;

/** AWS: the days are added and the time is rounded up to the next midnight UTC (user guide, "Lifecycle rules: based on an object's age"). */
function dueAfter(time: number, days: number): number {
  return (Math.floor((time + days * DAY) / DAY) + 1) * DAY;
}

function prefixOf({ prefix, filter }: Pick<LifecycleRow, "prefix" | "filter">): string {
  return filter?.prefix ?? prefix ?? "";
}

function applies(rule: LifecycleRow, key: string, row: VersionRow): boolean {
  if (!rule.isOn || !key.startsWith(prefixOf(rule))) return false;
  const { tags, above, below } = rule.filter ?? {};
  if (isMarker(row)) return !tags && above === undefined && below === undefined;
  if (above !== undefined && row.size <= above) return false;
  if (below !== undefined && row.size >= below) return false;
  return (tags ?? []).every(({ key: name, value }) => row.tags?.some((tag) => tag.key === name && tag.value === value));
}
