import { toEventTime } from "./alarm-reason.ts";
import { toDimensions } from "./series.ts";
import type { AlarmRow, AlarmState, CloudWatchContext } from "./state.ts";

/** AWS: the detail of "CloudWatch Alarm State Change", as "Alarm events and EventBridge" in the CloudWatch user guide shows it. */
export function alarmEvent(row: AlarmRow, before: AlarmState) {
  return {
    alarmName: row.name,
    state: toState(row.state),
    previousState: toState(before),
    configuration: configurationOf(row),
  };
}

/** AWS: what a function gets. "Invoke a Lambda function from an alarm", CloudWatch user guide. */
export function lambdaPayload({ account, region }: CloudWatchContext, row: AlarmRow) {
  return {
    source: "aws.cloudwatch",
    alarmArn: row.arn,
    accountId: account,
    time: toEventTime(row.state.since),
    region,
    alarmData: { alarmName: row.name, state: toState(row.state), configuration: configurationOf(row) },
  };
}

function toState({ value, reason, reasonData, since }: AlarmState) {
  return { value, reason, ...(reasonData !== undefined && { reasonData }), timestamp: toEventTime(since) };
}

function configurationOf({ name, input }: AlarmRow) {
  const metrics = input.Metrics?.map((query) => ({
    id: query.Id,
    ...(query.Expression !== undefined && { expression: query.Expression }),
    ...(query.MetricStat && {
      metricStat: toMetricStat({
        ...query.MetricStat.Metric,
        Period: query.MetricStat.Period,
        Statistic: query.MetricStat.Stat,
      }),
    }),
    ...(query.Label !== undefined && { label: query.Label }),
    returnData: query.ReturnData ?? true,
  }));
  return {
    ...(input.AlarmDescription !== undefined && { description: input.AlarmDescription }),
    metrics: metrics ?? [{ id: name, metricStat: toMetricStat(input), returnData: true }],
  };
}

interface Stat {
  readonly Namespace?: string | undefined;
  readonly MetricName?: string | undefined;
  readonly Dimensions?: Parameters<typeof toDimensions>[0];
  readonly Period?: number | undefined;
  readonly Statistic?: string | undefined;
}

function toMetricStat({ Namespace: namespace, MetricName: name, Dimensions, Period: period, Statistic: stat }: Stat) {
  return { metric: { namespace, name, dimensions: toDimensions(Dimensions) }, period, stat };
}
