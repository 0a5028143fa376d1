import { keyNotFound, notImplemented, notModified, preconditionFailed } from "./faults.ts";
import type { ObjectRow } from "./state.ts";

interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/** AWS: If-Match outweighs If-Unmodified-Since, If-None-Match outweighs If-Modified-Since (API reference, GetObject). */
export function assertReadable(row: ObjectRow, conditions: ReadConditions): void {
  const {
    IfMatch: match,
    IfUnmodifiedSince: unmodified,
    IfNoneMatch: noneMatch,
    IfModifiedSince: modified,
  } = conditions;
  if (match !== undefined) {
    if (!matches(row, match)) throw preconditionFailed("If-Match");
  } else if (unmodified !== undefined && isAfter(row, unmodified)) throw preconditionFailed("If-Unmodified-Since");
  if (noneMatch !== undefined) {
    if (matches(row, noneMatch)) throw notModified();
  } else if (modified !== undefined && !isAfter(row, modified)) throw notModified();
}

interface CopyConditions {
  readonly CopySourceIfMatch?: string | undefined;
  readonly CopySourceIfNoneMatch?: string | undefined;
  readonly CopySourceIfModifiedSince?: Date | undefined;
  readonly CopySourceIfUnmodifiedSince?: Date | undefined;
}

/** AWS: the same, but every failure is a 412 (API reference, CopyObject). */
export function assertCopyable(row: ObjectRow, conditions: CopyConditions): void {
  const {
    CopySourceIfMatch: match,
    CopySourceIfUnmodifiedSince: unmodified,
    CopySourceIfNoneMatch: noneMatch,
    CopySourceIfModifiedSince: modified,
  } = conditions;
  if (match !== undefined) {
    if (!matches(row, match)) throw preconditionFailed("x-amz-copy-source-If-Match");
  } else if (unmodified !== undefined && isAfter(row, unmodified)) {
    throw preconditionFailed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (noneMatch !== undefined) {
    if (matches(row, noneMatch)) throw preconditionFailed("x-amz-copy-source-If-None-Match");
  } else if (modified !== undefined && !isAfter(row, modified)) {
    throw preconditionFailed("x-amz-copy-source-If-Modified-Since");
  }
}

interface WriteConditions {
  readonly Key: string;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** AWS: conditional writes (user guide, "Conditional requests"): only `*` for If-None-Match, only ETags for If-Match. */
export function assertWritable(current: ObjectRow | undefined, conditions: WriteConditions): void {
  const { IfMatch: match, IfNoneMatch: noneMatch, Key: key } = conditions;
  if (noneMatch !== undefined) {
    if (noneMatch !== "*") throw notImplemented(`writes with If-None-Match: ${noneMatch}`);
    if (current) throw preconditionFailed("If-None-Match");
  }
  if (match === undefined) return;
  if (!current) throw keyNotFound(key);
  if (!matches(current, match)) throw preconditionFailed("If-Match");
}

function matches(row: ObjectRow, header: string): boolean {
  const wanted = header.split(",").map((one) => bare(one.trim()));
  return wanted.includes("*") || wanted.includes(bare(row.etag));
}

export function bare(etag: string): string {
  return etag.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
}

/** HTTP dates have whole seconds. */
function isAfter(row: ObjectRow, date: Date): boolean {
  return Math.floor(row.modified / 1000) > Math.floor(date.getTime() / 1000);
}
