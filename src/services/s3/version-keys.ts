import { tableKey } from "#kernel";

/** The row key of one version: by key, the newest first. Unlike those of objects, no key of an object can reach into another's versions. */
export function versionKey(bucket: string, key: string, rank: string): string {
  return versionsOfKey(bucket, key) + rank;
}

/** What the rows of all versions of a key begin with. */
export function versionsOfKey(bucket: string, key: string): string {
  return versionsBelow(bucket, key) + END;
}

/** What the rows of all versions of all keys with a prefix begin with. */
export function versionsBelow(bucket: string, prefix: string): string {
  return tableKey(
    bucket,
    prefix.replace(SPECIAL, (found) => STAND_INS[found] ?? found),
  );
}

export function keyOfVersion(bucket: string, rowKey: string): string {
  const key = rowKey.slice(tableKey(bucket, "").length, -(END.length + RANK));
  return key.replace(STAND_IN, (found) => ORIGINALS[found] ?? found);
}

/** The place among the versions of a key: what is younger is smaller. `before` is that of the newest so far. */
export function rankOf(milliseconds: number, before?: string): string {
  const time = LATEST - milliseconds * 1000;
  return toRank(before === undefined ? time : Math.min(time, Number.parseInt(before, 36) - 1));
}

/** A version's id begins with its rank, so that it is found by it. */
export function rankOfId(versionId: string): string {
  return versionId.slice(0, RANK);
}

const RANK = 11;
/** After every time in microseconds that a clock may show. */
const LATEST = 9e15;

function toRank(number: number): string {
  return number.toString(36).padStart(RANK, "0");
}

/** Sorts before every stand-in, so that a key's versions come before those of a key that only begins with it. */
const END = "\u0001\u0001";

/** As for objects (`state.ts`), but leaving room for the end of the key. */
const STAND_INS: Readonly<Record<string, string>> = {
  "\0": "\u0001\u0002",
  "\u0001": "\u0001\u0003",
  "\u{10fffe}": "\u{10fffe}\u0002",
  "\u{10ffff}": "\u{10fffe}\u0003",
};
const ORIGINALS = Object.fromEntries(Object.entries(STAND_INS).map(([original, standIn]) => [standIn, original]));

// oxlint-disable no-control-regex -- control characters are what these are about
const SPECIAL = /[\0\u0001\u{10fffe}\u{10ffff}]/gu;
const STAND_IN = /[\u0001\u{10fffe}][\u0002\u0003]/gu;
