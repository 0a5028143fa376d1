import { validation } from "../faults.ts";

interface Listing {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly SortOrder?: string | undefined;
  readonly NameContains?: string | undefined;
  readonly CreationTimeBefore?: Date | undefined;
  readonly CreationTimeAfter?: Date | undefined;
}

interface Listed {
  readonly name: string;
  readonly createdAt: string;
}

/** One page of what a List call asks for: filtered, sorted (newest first unless asked otherwise), cut. */
export function paginate<Row extends Listed>(
  all: readonly Row[],
  input: Listing,
  sortKey: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly NextToken?: string } {
  const { NameContains: part, CreationTimeBefore: before, CreationTimeAfter: after } = input;
  const found = all.filter(
    ({ name, createdAt }) =>
      (part === undefined || name.toLowerCase().includes(part.toLowerCase())) &&
      (before === undefined || createdAt < before.toISOString()) &&
      (after === undefined || createdAt > after.toISOString()),
  );
  const order = input.SortOrder === "Ascending" ? 1 : -1;
  found.sort((a, b) => (sortKey(a) < sortKey(b) ? -order : sortKey(a) > sortKey(b) ? order : 0));
  const from = input.NextToken === undefined ? 0 : readToken(input.NextToken);
  const until = from + (input.MaxResults ?? 10);
  return { rows: found.slice(from, until), ...(until < found.length && { NextToken: writeToken(until) }) };
}

function writeToken(position: number): string {
  return Buffer.from(String(position)).toString("base64url");
}

function readToken(token: string): number {
  const text = Buffer.from(token, "base64url").toString();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw validation("The NextToken is invalid.");
}
