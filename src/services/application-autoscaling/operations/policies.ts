import { formatArn } from "#core";
import type { Handlers, InputOf } from "#kernel";
import { notBuilt, policyNotFound, targetNotRegistered, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import { assertNamespace, findTarget, requireScalable } from "../scalable.ts";
import {
  type AutoscalingContext,
  type AutoscalingTables,
  DIMENSION,
  NAMESPACE,
  policyKey,
  targetKey,
  type PolicyRow,
  type TargetTracking,
} from "../state.ts";
import { alarmsOf, deleteAlarms, putAlarms } from "../tracking-alarms.ts";

type Input = InputOf<"application-autoscaling", "PutScalingPolicy">;

export const policies = {
  async PutScalingPolicy(input, ctx) {
    const { resourceId } = requireScalable(input);
    const target = findTarget(ctx, resourceId);
    if (!target) throw targetNotRegistered(resourceId, DIMENSION);
    const before = ctx.tables.policies.get(policyKey(ctx.region, resourceId, input.PolicyName));
    const configuration = requireTracking(input, before);
    const arn = before?.arn ?? policyArn(ctx, resourceId, input.PolicyName);
    const alarms = await putAlarms(ctx, target, { arn, configuration, before });
    const row: PolicyRow = {
      region: ctx.region,
      resourceId,
      name: input.PolicyName,
      arn,
      configuration,
      alarms,
      createdAt: before?.createdAt ?? ctx.now().toISOString(),
    };
    ctx.tables.policies.put(policyKey(ctx.region, resourceId, row.name), row);
    return { PolicyARN: arn, Alarms: toAlarms(row) };
  },

  DescribeScalingPolicies(input, ctx) {
    assertNamespace(input.ServiceNamespace);
    const found = ctx.tables.policies
      .list({ prefix: targetKey(ctx.region, "") })
      .map(({ row }) => row)
      .filter(
        ({ resourceId, name }) =>
          (input.ResourceId === undefined || resourceId === input.ResourceId) &&
          (!input.PolicyNames?.length || input.PolicyNames.includes(name)),
      );
    const { rows, next } = pageOf(found, input);
    return {
      ScalingPolicies: rows.map((row) => ({
        PolicyARN: row.arn,
        PolicyName: row.name,
        ServiceNamespace: NAMESPACE,
        ResourceId: row.resourceId,
        ScalableDimension: DIMENSION,
        PolicyType: "TargetTrackingScaling" as const,
        TargetTrackingScalingPolicyConfiguration: row.configuration,
        Alarms: toAlarms(row),
        CreationTime: new Date(row.createdAt),
      })),
      ...next,
    };
  },

  async DeleteScalingPolicy(input, ctx) {
    const { resourceId } = requireScalable(input);
    const key = policyKey(ctx.region, resourceId, input.PolicyName);
    const row = ctx.tables.policies.get(key);
    if (!row) throw policyNotFound(resourceId, input.PolicyName);
    await deleteAlarms(ctx, alarmsOf(row));
    ctx.tables.policies.delete(key);
    return {};
  },
} satisfies Handlers<"application-autoscaling", AutoscalingTables>;

const METRIC = "SageMakerVariantInvocationsPerInstance";

function requireTracking(input: Input, before: PolicyRow | undefined): TargetTracking {
  // AWS: a policy without a type is one of step scaling.
  const type = input.PolicyType ?? (before ? "TargetTrackingScaling" : "StepScaling");
  if (type !== "TargetTrackingScaling") throw notBuilt(`policies of the type ${type}`);
  const given = input.TargetTrackingScalingPolicyConfiguration ?? before?.configuration;
  if (!given)
    throw validation("TargetTrackingScalingPolicyConfiguration is required for the policy type TargetTrackingScaling");
  if (given.CustomizedMetricSpecification) throw notBuilt("customized metrics (CustomizedMetricSpecification)");
  const metric = given.PredefinedMetricSpecification?.PredefinedMetricType;
  if (metric === undefined)
    throw validation("PredefinedMetricSpecification or CustomizedMetricSpecification must be given");
  if (metric !== METRIC) throw notBuilt(`the predefined metric ${metric}; ${METRIC} is`);
  if (!(Number(given.TargetValue) > 0)) throw validation("TargetValue must be greater than 0");
  return given;
}

function policyArn(ctx: AutoscalingContext, resourceId: string, name: string): string {
  const resource = `scalingPolicy:${ctx.kernel.ids.uuid()}:resource/${NAMESPACE}/${resourceId}:policyName/${name}`;
  return formatArn({ service: "autoscaling", region: ctx.region, account: ctx.account, resource });
}

function toAlarms(row: PolicyRow) {
  return alarmsOf(row).map(({ name, arn }) => ({ AlarmName: name, AlarmARN: arn }));
}
