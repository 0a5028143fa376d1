import { formatArn } from "#core";
import { alarmNotFound } from "./faults.ts";
import { alarmKey } from "./evaluate-alarms.ts";
import type { AlarmRow, CloudWatchContext } from "./state.ts";

export function alarmArn(
  { account, region }: { readonly account: string; readonly region: string },
  name: string,
): string {
  return formatArn({ service: "cloudwatch", region, account, resource: `alarm:${name}` });
}

export function findAlarm(ctx: CloudWatchContext, name: string): AlarmRow | undefined {
  return ctx.tables.alarms.get(alarmKey(ctx.region, name));
}

export function requireAlarm(ctx: CloudWatchContext, name: string): AlarmRow {
  const row = findAlarm(ctx, name);
  if (!row) throw alarmNotFound();
  return row;
}

export function saveAlarm(ctx: CloudWatchContext, row: AlarmRow): void {
  ctx.tables.alarms.put(alarmKey(row.region, row.name), row);
}

/** By name. */
export function alarmsHere(ctx: CloudWatchContext): AlarmRow[] {
  return ctx.tables.alarms.list({ prefix: alarmKey(ctx.region, "") }).map(({ row }) => row);
}
