import { type Page, pageOfRows } from "#kernel";
import { tokenInvalid } from "./faults.ts";

/** AWS: fifty at a time unless the request asks for less. */
export function pageOf<Row>(
  rows: readonly Row[],
  { NextToken: token, MaxResults: most = 50 }: { NextToken?: string | undefined; MaxResults?: number | undefined },
): Page<Row> {
  return pageOfRows(rows, { token, most: Math.min(50, Math.max(1, most)), refuse: tokenInvalid });
}
