import { tableKey, type Kernel } from "#kernel";
import { datapointsOf, judge, LOOKED_BEYOND, ruleOf, type Rule } from "./alarm-evaluation.ts";
import { reasonDataFor, reasonFor } from "./alarm-reason.ts";
import { changeState } from "./alarm-state.ts";
import { readStatistic, runQueries } from "./query.ts";
import { MINUTE, toDimensions } from "./series.ts";
import type { AlarmRow } from "./state.ts";
import type { Values } from "./statistics.ts";
import { atWork, type Span } from "./store.ts";

/** Looks at every alarm of every region, once a minute. */
export function evaluateAlarms(kernel: Kernel): void {
  for (const { row } of atWork(kernel, kernel.settings.region).tables.alarms.list()) evaluateAlarm(kernel, row);
}

/** AWS: periods end with the minute of the evaluation, whatever their length. */
export function evaluateAlarm(kernel: Kernel, row: AlarmRow): void {
  const now = kernel.clock.now().getTime();
  const until = now - (now % MINUTE);
  const rule = ruleOf(row, periodOf(row));
  const span = { from: until - (rule.evaluationPeriods + LOOKED_BEYOND) * rule.period, to: until };
  const verdict = judge(datapointsOf(valuesFor(kernel, row, rule, span), rule, until), rule);
  const { state } = verdict;
  if (state === undefined || state === row.state.value) return;
  const reason = reasonFor(verdict, rule, row.state.value, state);
  const reasonData = reasonDataFor(verdict, rule, row.input.Statistic, now);
  changeState(atWork(kernel, row.region), row, { value: state, reason, reasonData });
}

export function alarmKey(region: string, name: string): string {
  return tableKey(region, name);
}

/** In milliseconds: of its metric, or the shortest of those that its expression is made of. */
export function periodOf({ input }: Pick<AlarmRow, "input">): number {
  const periods = (input.Metrics ?? []).flatMap(({ MetricStat: stat }) => stat?.Period ?? []);
  return (input.Period ?? Math.min(...periods)) * 1000;
}

function valuesFor(kernel: Kernel, { region, input }: AlarmRow, { period }: Rule, span: Span): Values {
  const at = { kernel, region };
  if (input.Metrics) return runQueries(at, input.Metrics, span)[0]?.values ?? new Map<number, number>();
  const selection = {
    namespace: input.Namespace ?? "",
    metric: input.MetricName ?? "",
    dimensions: toDimensions(input.Dimensions),
    statistic: input.Statistic ?? "",
    period,
    ...(input.Unit !== undefined && { unit: input.Unit }),
  };
  return readStatistic(at, selection, span);
}
