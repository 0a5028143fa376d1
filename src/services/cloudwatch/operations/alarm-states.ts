import type { Handlers } from "#kernel";
import { tableKey } from "#kernel";
import { changeState } from "../alarm-state.ts";
import { parseJson } from "#core";
import { invalidValue } from "../faults.ts";
import { pageOf } from "../page.ts";
import { requirePulse } from "../pulse.ts";
import { requireAlarm } from "../require-alarm.ts";
import type { CloudWatchTables } from "../state.ts";

export const alarmStates = {
  SetAlarmState(input, ctx) {
    const row = requireAlarm(ctx, input.AlarmName);
    const data = input.StateReasonData;
    if (data !== undefined && parseJson(data) === undefined)
      throw invalidValue("The value for parameter StateReasonData is invalid: it must be JSON.");
    changeState(ctx, row, {
      value: input.StateValue,
      reason: input.StateReason,
      ...(data !== undefined && { reasonData: data }),
    });
    return {};
  },

  DescribeAlarmHistory(input, ctx) {
    requirePulse(ctx.kernel).catchUp();
    if (input.AlarmTypes?.length && !input.AlarmTypes.includes("MetricAlarm")) return { AlarmHistoryItems: [] };
    const prefix = input.AlarmName === undefined ? "" : tableKey(input.AlarmName, "");
    const [from, to] = [input.StartDate?.toISOString() ?? "", input.EndDate?.toISOString() ?? "~"];
    const found = ctx.tables.history
      .list({ prefix })
      .map(({ row }) => row)
      .filter(({ at, type }) => at >= from && at <= to && (input.HistoryItemType ?? type) === type)
      .toSorted((a, b) => (a.at < b.at ? 1 : -1));
    if (input.ScanBy === "TimestampAscending") found.reverse();
    const { rows, next } = pageOf(found, input.NextToken, input.MaxRecords ?? 100);
    return {
      AlarmHistoryItems: rows.map((row) => ({
        AlarmName: row.alarm,
        AlarmType: "MetricAlarm" as const,
        Timestamp: new Date(row.at),
        HistoryItemType: row.type,
        HistorySummary: row.summary,
        HistoryData: row.data,
      })),
      ...next,
    };
  },
} satisfies Handlers<"cloudwatch", CloudWatchTables>;
