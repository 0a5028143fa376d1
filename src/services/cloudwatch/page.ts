import { tokenInvalid } from "./faults.ts";

/** The part of a list that was asked for, and the token of the next. */
export function pageOf<Row>(
  rows: readonly Row[],
  token: string | undefined,
  most: number,
): { rows: readonly Row[]; next: { NextToken?: string } } {
  const from = token === undefined ? 0 : readToken(token);
  const until = from + most;
  return {
    rows: rows.slice(from, until),
    next: until < rows.length ? { NextToken: Buffer.from(`next:${until}`).toString("base64url") } : {},
  };
}

function readToken(token: string): number {
  const [, position] = /^next:(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (position === undefined) throw tokenInvalid();
  return Number(position);
}
