import { validation } from "../faults.ts";

interface Query {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly CreationTimeAfter?: Date | undefined;
  readonly CreationTimeBefore?: Date | undefined;
  readonly LastModifiedTimeAfter?: Date | undefined;
  readonly LastModifiedTimeBefore?: Date | undefined;
  readonly NameContains?: string | undefined;
  readonly StatusEquals?: string | undefined;
  readonly SortBy?: string | undefined;
  readonly SortOrder?: string | undefined;
}

interface Listed {
  readonly name: string;
  readonly status: string;
  readonly created: number;
  readonly modified: number;
}

/** The part of a list of jobs that was asked for. AWS: newest first, ten at a time, unless the request says. */
export function pageOf<Row>(
  rows: readonly Row[],
  query: Query,
  describe: (row: Row) => Listed,
): { rows: Row[]; NextToken?: string } {
  const within = (time: number, after: Date | undefined, before: Date | undefined) =>
    (after === undefined || time > after.getTime()) && (before === undefined || time < before.getTime());
  const found = rows
    .map((row) => ({ row, ...describe(row) }))
    .filter(
      ({ name, status, created, modified }) =>
        (query.NameContains === undefined || name.includes(query.NameContains)) &&
        (query.StatusEquals === undefined || status === query.StatusEquals) &&
        within(created, query.CreationTimeAfter, query.CreationTimeBefore) &&
        within(modified, query.LastModifiedTimeAfter, query.LastModifiedTimeBefore),
    );
  const key = { Name: "name", Status: "status" }[query.SortBy ?? ""] as "name" | "status" | undefined;
  found.sort((a, b) => compare(a[key ?? "created"], b[key ?? "created"]) || compare(a.name, b.name));
  if ((query.SortOrder ?? "Descending") === "Descending") found.reverse();
  const from = query.NextToken === undefined ? 0 : readToken(query.NextToken);
  const until = from + (query.MaxResults ?? 10);
  return {
    rows: found.slice(from, until).map(({ row }) => row),
    ...(until < found.length && { NextToken: Buffer.from(String(until)).toString("base64url") }),
  };
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readToken(token: string): number {
  const position = Number(Buffer.from(token, "base64url").toString());
  if (Number.isInteger(position) && position > 0) return position;
  throw validation("The NextToken is not one that a List call gave.");
}
