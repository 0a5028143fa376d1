import { rangeNotSatisfiable } from "./faults.ts";

/** `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Undefined: the whole object, as for a header that is not one range of bytes (RFC 9110, 14.2). */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = header === undefined ? undefined : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, first = "", last = ""] = match ?? [];
  if (header === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    if (length === 0) throw rangeNotSatisfiable(header, size);
    return { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) throw rangeNotSatisfiable(header, size);
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}

export function formatContentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`;
}
