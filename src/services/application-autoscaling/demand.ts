import type { Demand } from "./capacity.ts";
import { asService } from "./scale.ts";
import type { AutoscalingContext, PolicyRow, TargetRow } from "./state.ts";
import { LOW_PERIODS, metricOf } from "./tracking-alarms.ts";

const MINUTE = 60_000;
/** AWS: the default of both for endpoint variants, in seconds. TargetTrackingScalingPolicyConfiguration, API reference. */
const COOLDOWN = 300;

/** What the policy's alarms say, and the metric behind them. `minute`: when its last value begins. */
export async function readDemand(
  ctx: AutoscalingContext,
  target: TargetRow,
  { alarms, configuration }: PolicyRow,
): Promise<{ demand: Demand; minute: number | undefined }> {
  const names = [alarms.high.name, ...(alarms.low ? [alarms.low.name] : [])];
  const { MetricAlarms = [] } = await ctx.call("cloudwatch", "DescribeAlarms", { AlarmNames: names }, asService(ctx));
  const isAlarm = (name: string | undefined) =>
    MetricAlarms.some(({ AlarmName, StateValue }) => AlarmName === name && StateValue === "ALARM");
  const points = await readMetric(ctx, target);
  const { TargetValue: goal = 1, ScaleOutCooldown: out, ScaleInCooldown: into } = configuration;
  const demand = {
    high: isAlarm(alarms.high.name),
    low: alarms.low !== undefined && isAlarm(alarms.low.name),
    target: goal,
    latest: points[0]?.value ?? 0,
    highest: Math.max(0, ...points.map(({ value }) => value)),
    outCooldown: (out ?? COOLDOWN) * 1000,
    inCooldown: (into ?? COOLDOWN) * 1000,
  };
  return { demand, minute: points[0]?.time };
}

/** Newest first: as many as the low alarm looks at, of minutes that have ended. */
async function readMetric(ctx: AutoscalingContext, target: TargetRow): Promise<{ time: number; value: number }[]> {
  const until = Math.floor(ctx.now().getTime() / MINUTE) * MINUTE;
  const { Namespace, MetricName, Dimensions, Statistic } = metricOf(target);
  const stat = { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat: Statistic };
  const input = {
    StartTime: new Date(until - LOW_PERIODS * MINUTE),
    EndTime: new Date(until),
    MetricDataQueries: [{ Id: "m", MetricStat: stat }],
  };
  const { MetricDataResults: [found] = [] } = await ctx.call("cloudwatch", "GetMetricData", input, asService(ctx));
  return (found?.Timestamps ?? []).map((time, index) => ({ time: time.getTime(), value: found?.Values?.[index] ?? 0 }));
}
