import type { Table } from "#kernel";
import { invalid } from "../faults.ts";

interface Asked {
  readonly NextToken?: string | undefined;
  readonly Limit?: number | undefined;
}

/** One page of the rows below a prefix, and whether there are more. */
export function pageOf<Row>(table: Table<Row>, asked: Asked, prefix: string) {
  const limit = asked.Limit ?? 100;
  const after = asked.NextToken === undefined ? undefined : readToken(asked.NextToken);
  const found = table.list({ prefix, limit: limit + 1, ...(after !== undefined && { after }) });
  const rows = found.slice(0, limit);
  return { rows, more: found.length > limit ? rows.at(-1)?.key : undefined };
}

export function nextToken(after: string | undefined): { NextToken?: string } {
  return after === undefined ? {} : { NextToken: Buffer.from(after).toString("base64url") };
}

function readToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (key === "" || Buffer.from(key).toString("base64url") !== token) throw invalid("Invalid token.");
  return key;
}
