import type { Handlers, OutputOf } from "#kernel";
import { forgetHistory, remember } from "../alarm-history.ts";
import { assertAlarm } from "../alarm-input.ts";
import { evaluateAlarm, alarmKey } from "../evaluate-alarms.ts";
import { alarmNotFound, notBuilt } from "../faults.ts";
import { pageOf } from "../page.ts";
import { requirePulse } from "../pulse.ts";
import { alarmArn, alarmsHere, findAlarm, saveAlarm } from "../require-alarm.ts";
import { toDimensions } from "../series.ts";
import type { AlarmRow, CloudWatchContext, CloudWatchTables } from "../state.ts";

type MetricAlarm = NonNullable<OutputOf<"cloudwatch", "DescribeAlarms">["MetricAlarms"]>[number];

export const alarms = {
  PutMetricAlarm(input, ctx) {
    assertAlarm(input);
    const { Tags: tags, EvaluationWindow: _window, EvaluationCriteria: _criteria, ...given } = input;
    const now = ctx.now().toISOString();
    const before = findAlarm(ctx, input.AlarmName);
    const row: AlarmRow = {
      name: input.AlarmName,
      arn: alarmArn(ctx, input.AlarmName),
      region: ctx.region,
      input: given,
      // AWS: an alarm that is changed keeps its state until it is evaluated.
      state: before?.state ?? {
        value: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        since: now,
      },
      configuredAt: now,
      transitionedAt: before?.transitionedAt ?? now,
      // AWS: Tags of an alarm that is there already are passed over.
      tags: before?.tags ?? Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    };
    saveAlarm(ctx, row);
    const summary = `Alarm "${row.name}" ${before ? "updated" : "created"}`;
    const data = JSON.stringify({ version: "1.0", type: before ? "Update" : "Create" });
    remember(ctx, { alarm: row.name, at: now, type: "ConfigurationUpdate", summary, data });
    evaluateAlarm(ctx.kernel, row);
    return {};
  },

  DescribeAlarms(input, ctx) {
    if (input.ChildrenOfAlarmName !== undefined || input.ParentsOfAlarmName !== undefined)
      throw notBuilt("composite alarms");
    requirePulse(ctx.kernel).catchUp();
    const metric = input.AlarmTypes?.includes("MetricAlarm") ?? true;
    const found = alarmsHere(ctx).filter(
      (row) =>
        metric &&
        (!input.AlarmNames?.length || input.AlarmNames.includes(row.name)) &&
        row.name.startsWith(input.AlarmNamePrefix ?? "") &&
        (input.StateValue === undefined || row.state.value === input.StateValue) &&
        (input.ActionPrefix === undefined || allActions(row).some((arn) => arn.startsWith(input.ActionPrefix ?? ""))),
    );
    const { rows, next } = pageOf(found, input.NextToken, input.MaxRecords ?? 50);
    return { MetricAlarms: rows.map(toMetricAlarm), CompositeAlarms: [], ...next };
  },

  DescribeAlarmsForMetric(input, ctx) {
    requirePulse(ctx.kernel).catchUp();
    const wanted = JSON.stringify(Object.entries(toDimensions(input.Dimensions)).toSorted());
    const found = alarmsHere(ctx).filter(
      ({ input: of }) =>
        of.Namespace === input.Namespace &&
        of.MetricName === input.MetricName &&
        JSON.stringify(Object.entries(toDimensions(of.Dimensions)).toSorted()) === wanted &&
        input.ExtendedStatistic === undefined &&
        (input.Statistic === undefined || of.Statistic === input.Statistic) &&
        (input.Period === undefined || of.Period === input.Period) &&
        (input.Unit === undefined || of.Unit === input.Unit),
    );
    return { MetricAlarms: found.map(toMetricAlarm) };
  },

  DeleteAlarms(input, ctx) {
    const names = input.AlarmNames.filter((name) => findAlarm(ctx, name));
    // AWS: "If you specify an incorrect alarm name or make any other error in the operation, no alarms are deleted." DeleteAlarms, API reference.
    if (names.length < input.AlarmNames.length) throw alarmNotFound();
    ctx.kernel.transaction(() => names.forEach((name) => ctx.tables.alarms.delete(alarmKey(ctx.region, name))));
    for (const name of names) forgetHistory(ctx, name);
    return {};
  },

  EnableAlarmActions: (input, ctx) => setActions(ctx, input.AlarmNames, true),
  DisableAlarmActions: (input, ctx) => setActions(ctx, input.AlarmNames, false),
} satisfies Handlers<"cloudwatch", CloudWatchTables>;

function setActions(ctx: CloudWatchContext, names: readonly string[], enabled: boolean) {
  for (const name of names) {
    const row = findAlarm(ctx, name);
    if (row) saveAlarm(ctx, { ...row, input: { ...row.input, ActionsEnabled: enabled } });
  }
  return {};
}

function allActions({ input }: AlarmRow): readonly string[] {
  return [...(input.AlarmActions ?? []), ...(input.OKActions ?? []), ...(input.InsufficientDataActions ?? [])];
}

function toMetricAlarm(row: AlarmRow): MetricAlarm {
  const { state, input } = row;
  return {
    ...input,
    ActionsEnabled: input.ActionsEnabled ?? true,
    AlarmActions: input.AlarmActions ?? [],
    OKActions: input.OKActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
    Dimensions: input.Dimensions ?? [],
    AlarmArn: row.arn,
    AlarmConfigurationUpdatedTimestamp: new Date(row.configuredAt),
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData !== undefined && { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: new Date(state.since),
    StateTransitionedTimestamp: new Date(row.transitionedAt),
  };
}
