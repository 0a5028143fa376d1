import { tokenInvalid } from "./faults.ts";

/** AWS: fifty at a time unless the request asks for less. */
export function pageOf<Row>(
  rows: readonly Row[],
  { NextToken: token, MaxResults: most = 50 }: { NextToken?: string | undefined; MaxResults?: number | undefined },
): { rows: readonly Row[]; next: { NextToken?: string } } {
  const from = token === undefined ? 0 : readToken(token);
  const until = from + Math.min(50, Math.max(1, most));
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
