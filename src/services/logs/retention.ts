import { rootPrincipal, type Context } from "#kernel";
import { batchPrefix, type LogGroupRow, type LogsTables, streamKey } from "./state.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PAGE = 100;

/** Removes, every hour, what log groups no longer keep. */
export function keepRetention(ctx: Context<LogsTables>): void {
  ctx.kernel.tasks.every("logs: retention", HOUR, () => expireLogs(ctx));
}

export function expireLogs(ctx: Context<LogsTables>): void {
  for (const { row } of ctx.tables.regions.list()) {
    const there = ctx.kernel.context("logs", rootPrincipal(ctx.account), row.region) as Context<LogsTables>;
    for (const { row: group } of there.tables.groups.list()) {
      if (group.retentionInDays !== undefined)
        expireGroup(there, group, ctx.now().getTime() - group.retentionInDays * DAY);
    }
  }
}

/** A batch goes when its last event is too old; streams stay, as on AWS. */
function expireGroup(ctx: Context<LogsTables>, group: LogGroupRow, before: number): void {
  for (const { row: stream } of ctx.tables.streams.list({ prefix: streamKey(group.name, "") })) {
    const prefix = batchPrefix(stream.group, stream.name);
    for (;;) {
      const old = ctx.tables.batches.list({ prefix, limit: PAGE }).filter(({ row }) => row.last < before);
      for (const { key } of old) ctx.tables.batches.delete(key);
      if (old.length < PAGE) break;
    }
  }
}
