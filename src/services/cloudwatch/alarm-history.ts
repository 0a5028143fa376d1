import { tableKey } from "#kernel";
import type { CloudWatchContext, HistoryRow } from "./state.ts";

/** Of one alarm; AWS keeps 30 days. */
const KEPT = 200;

export function remember(ctx: CloudWatchContext, row: HistoryRow): void {
  const { history } = ctx.tables;
  history.put(tableKey(row.alarm, row.at, ctx.kernel.ids.token(8)), row);
  const prefix = tableKey(row.alarm, "");
  const extra = history.count(prefix) - KEPT;
  if (extra > 0) for (const { key } of history.list({ prefix, limit: extra })) history.delete(key);
}

export function forgetHistory(ctx: CloudWatchContext, alarm: string): void {
  for (const { key } of ctx.tables.history.list({ prefix: tableKey(alarm, "") })) ctx.tables.history.delete(key);
}
