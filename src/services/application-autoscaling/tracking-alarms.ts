import { formatArn } from "#core";
import type { AlarmName, AutoscalingContext, PolicyRow, TargetRow, TargetTracking } from "./state.ts";

/** AWS: three minutes above the target let it scale out, fifteen below nine tenths of it let it scale in. As its own alarms say. */
const HIGH_PERIODS = 3;
export const LOW_PERIODS = 15;
const LOW_SHARE = 0.9;

/** SageMakerVariantInvocationsPerInstance. AWS: the sum of a minute. SageMaker developer guide, "Define a scaling policy". */
export function metricOf({ endpoint, variant }: Pick<TargetRow, "endpoint" | "variant">) {
  return {
    Namespace: "AWS/SageMaker",
    MetricName: "InvocationsPerInstance",
    Dimensions: [
      { Name: "EndpointName", Value: endpoint },
      { Name: "VariantName", Value: variant },
    ],
    Statistic: "Sum" as const,
  };
}

/** Makes or changes the two alarms of a policy, as whoever put it: they need to be allowed to. */
export async function putAlarms(
  ctx: AutoscalingContext,
  target: TargetRow,
  { arn, configuration, before }: { arn: string; configuration: TargetTracking; before: PolicyRow | undefined },
): Promise<PolicyRow["alarms"]> {
  const goal = configuration.TargetValue ?? 0;
  const common = {
    ...metricOf(target),
    Period: 60,
    AlarmActions: [arn],
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${arn}.`,
  };
  const high = before?.alarms.high ?? alarmName(ctx, target, "AlarmHigh");
  await ctx.call("cloudwatch", "PutMetricAlarm", {
    ...common,
    AlarmName: high.name,
    EvaluationPeriods: HIGH_PERIODS,
    Threshold: goal,
    ComparisonOperator: "GreaterThanThreshold",
  });
  if (configuration.DisableScaleIn) {
    if (before?.alarms.low) await deleteAlarms(ctx, [before.alarms.low]);
    return { high };
  }
  const low = before?.alarms.low ?? alarmName(ctx, target, "AlarmLow");
  await ctx.call("cloudwatch", "PutMetricAlarm", {
    ...common,
    AlarmName: low.name,
    EvaluationPeriods: LOW_PERIODS,
    Threshold: goal * LOW_SHARE,
    ComparisonOperator: "LessThanThreshold",
  });
  return { high, low };
}

/** Those that somebody has deleted already are passed over. */
export async function deleteAlarms(ctx: AutoscalingContext, alarms: readonly AlarmName[]): Promise<void> {
  if (alarms.length === 0) return;
  const names = alarms.map(({ name }) => name);
  const { MetricAlarms = [] } = await ctx.call("cloudwatch", "DescribeAlarms", { AlarmNames: names });
  const AlarmNames = MetricAlarms.flatMap(({ AlarmName }) => AlarmName ?? []);
  if (AlarmNames.length > 0) await ctx.call("cloudwatch", "DeleteAlarms", { AlarmNames });
}

export function alarmsOf({ alarms }: PolicyRow): AlarmName[] {
  return [alarms.high, ...(alarms.low ? [alarms.low] : [])];
}

function alarmName(ctx: AutoscalingContext, { resourceId }: TargetRow, side: string): AlarmName {
  const name = `TargetTracking-${resourceId}-${side}-${ctx.kernel.ids.uuid()}`;
  const { account, region } = ctx;
  return { name, arn: formatArn({ service: "cloudwatch", region, account, resource: `alarm:${name}` }) };
}
