import { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Scaled, openScaled } from "./scaled-endpoint.ts";

const named = {
  ServiceNamespace: "sagemaker" as const,
  ResourceId: "endpoint/churn/variant/AllTraffic",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
};
const tracking = {
  TargetValue: 10,
  ScaleOutCooldown: 60,
  ScaleInCooldown: 120,
  PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" as const },
};

let scaled: Scaled;
let autoscaling: ApplicationAutoScaling;
let cloudwatch: CloudWatch;

beforeAll(async () => {
  scaled = await openScaled();
  autoscaling = scaled.on(new ApplicationAutoScaling(scaled.cauce.client));
  cloudwatch = scaled.on(new CloudWatch(scaled.cauce.client));
}, 60_000);
afterAll(async () => {
  expect(scaled.cauce.reports).toEqual([]);
  await scaled.cauce[Symbol.asyncDispose]();
});

const activities = async () => (await autoscaling.describeScalingActivities(named)).ScalingActivities ?? [];

describe("a scalable target", () => {
  it("must be an endpoint's variant that is there", async () => {
    const MinCapacity = 1;
    const bounds = { MinCapacity, MaxCapacity: 4 };
    const ResourceId = "endpoint/churn/variant/Other";
    await expect(autoscaling.registerScalableTarget({ ...named, ...bounds, ResourceId })).rejects.toMatchObject({
      name: "ValidationException",
    });
    await expect(autoscaling.registerScalableTarget({ ...named, MinCapacity })).rejects.toMatchObject({
      message: "MaxCapacity must be specified when registering a new scalable target",
    });
    await expect(
      autoscaling.registerScalableTarget({ ...named, ...bounds, ServiceNamespace: "ecs" }),
    ).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("is brought within its bounds at once", async () => {
    const { ScalableTargetARN } = await autoscaling.registerScalableTarget({
      ...named,
      MinCapacity: 2,
      MaxCapacity: 5,
      Tags: { a: "b" },
    });
    expect(ScalableTargetARN).toMatch(/^arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target\/\w+$/);
    expect(await autoscaling.listTagsForResource({ ResourceARN: ScalableTargetARN })).toMatchObject({
      Tags: { a: "b" },
    });
    await expect.poll(scaled.instances).toEqual([2, 2]);
    await expect.poll(activities).toMatchObject([
      {
        ...named,
        Description: "Setting desired instance count to 2.",
        Cause: "minimum capacity was set to 2",
        StatusCode: "Successful",
        StatusMessage: "Successfully set desired instance count to 2. Change successfully fulfilled by sagemaker.",
      },
    ]);
    await autoscaling.registerScalableTarget({ ...named, MinCapacity: 1 });
    const { ScalableTargets } = await autoscaling.describeScalableTargets({ ServiceNamespace: "sagemaker" });
    expect(ScalableTargets).toMatchObject([{ ...named, MinCapacity: 1, MaxCapacity: 5 }]);
  });
});

describe("target tracking", () => {
  it("makes the two alarms that AWS makes", async () => {
    const { PolicyARN, Alarms } = await autoscaling.putScalingPolicy({
      ...named,
      PolicyName: "invocations",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: tracking,
    });
    expect(PolicyARN).toMatch(
      /^arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:[-0-9a-f]{36}:resource\/sagemaker\/endpoint\/churn\/variant\/AllTraffic:policyName\/invocations$/,
    );
    const AlarmNames = Alarms?.map(({ AlarmName = "" }) => AlarmName) ?? [];
    const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNames });
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName?.replace(/[-0-9a-f]{36}$/, ""))).toEqual([
      "TargetTracking-endpoint/churn/variant/AllTraffic-AlarmHigh-",
      "TargetTracking-endpoint/churn/variant/AllTraffic-AlarmLow-",
    ]);
    expect(MetricAlarms).toMatchObject([
      { MetricName: "InvocationsPerInstance", Threshold: 10, EvaluationPeriods: 3, AlarmActions: [PolicyARN] },
      { MetricName: "InvocationsPerInstance", Threshold: 9, EvaluationPeriods: 15, Statistic: "Sum", Period: 60 },
    ]);
  });

  it("adds instances after three minutes above the target, in proportion, at most to the maximum", async () => {
    for (let minute = 0; minute < 2; minute++) {
      await scaled.invoke(30);
      scaled.pass(1);
      expect(await activities()).toHaveLength(1);
    }
    await scaled.invoke(30);
    scaled.pass(1);
    // 30 requests over 2 instances are 15 each: 2 * 15 / 10.
    expect((await activities())[0]).toMatchObject({
      Description: "Setting desired instance count to 3.",
      Cause: expect.stringMatching(
        /^monitor alarm TargetTracking-endpoint\/churn\/variant\/AllTraffic-AlarmHigh-\S+ in state ALARM triggered policy invocations$/,
      ),
      StatusCode: "Successful",
    });
    expect(await scaled.instances()).toEqual([3, 3]);
    // The same minute is not acted upon twice.
    expect(await activities()).toHaveLength(2);
    await scaled.invoke(300);
    scaled.pass(1);
    expect((await activities())[0]).toMatchObject({ Description: "Setting desired instance count to 5." });
    expect(await scaled.instances()).toEqual([5, 5]);
  });

  it("takes them away after fifteen minutes below, and says so of no traffic at all", async () => {
    for (let minute = 0; minute < 14; minute++) {
      scaled.pass(1);
      expect(await activities()).toHaveLength(3);
    }
    scaled.pass(1);
    const [latest, ...before] = await activities();
    expect(before).toHaveLength(3);
    expect(latest).toMatchObject({
      Description: "Setting desired instance count to 1.",
      Cause: expect.stringContaining("AlarmLow"),
    });
    expect(await scaled.instances()).toEqual([1, 1]);
  });

  it("refuses the policies and metrics that are not built, by name", async () => {
    const put = (given: object) =>
      autoscaling.putScalingPolicy({ ...named, PolicyName: "p", PolicyType: "TargetTrackingScaling", ...given });
    await expect(put({ PolicyType: "StepScaling" })).rejects.toMatchObject({ name: "NotImplemented" });
    const PredefinedMetricSpecification = { PredefinedMetricType: "ECSServiceAverageCPUUtilization" };
    const TargetTrackingScalingPolicyConfiguration = { ...tracking, PredefinedMetricSpecification };
    await expect(put({ TargetTrackingScalingPolicyConfiguration })).rejects.toThrow("ECSServiceAverageCPUUtilization");
  });

  it("ends with its target, alarms and all", async () => {
    const { ScalingPolicies } = await autoscaling.describeScalingPolicies({ ServiceNamespace: "sagemaker" });
    expect(ScalingPolicies).toMatchObject([{ PolicyName: "invocations", PolicyType: "TargetTrackingScaling" }]);
    await autoscaling.deregisterScalableTarget(named);
    expect((await cloudwatch.describeAlarms({})).MetricAlarms).toEqual([]);
    expect((await autoscaling.describeScalingPolicies({ ServiceNamespace: "sagemaker" })).ScalingPolicies).toEqual([]);
    await expect(autoscaling.deregisterScalableTarget(named)).rejects.toMatchObject({
      name: "ObjectNotFoundException",
      message:
        "No scalable target found for service namespace: sagemaker, resource ID: endpoint/churn/variant/AllTraffic, scalable dimension: sagemaker:variant:DesiredInstanceCount",
    });
  });
});
