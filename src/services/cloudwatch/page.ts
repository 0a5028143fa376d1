import { type Page, pageOfRows } from "#kernel";
import { tokenInvalid } from "./faults.ts";

/** The part of a list that was asked for, and the token of the next. */
export function pageOf<Row>(rows: readonly Row[], token: string | undefined, most: number): Page<Row> {
  return pageOfRows(rows, { token, most, refuse: tokenInvalid });
}
