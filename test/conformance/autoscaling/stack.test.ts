import { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeRole } from "#test/take-role";
import { openScaled, type Scaled } from "./scaled-endpoint.ts";

let scaled: Scaled;
let autoscaling: ApplicationAutoScaling;
let cloudformation: CloudFormation;
let cloudwatch: CloudWatch;

beforeAll(async () => {
  scaled = await openScaled();
  const { client } = scaled.cauce;
  autoscaling = scaled.on(new ApplicationAutoScaling(client));
  cloudformation = scaled.on(new CloudFormation(client));
  cloudwatch = scaled.on(new CloudWatch(client));
}, 60_000);
afterAll(async () => {
  expect(scaled.cauce.reports).toEqual([]);
  await scaled.cauce[Symbol.asyncDispose]();
});

const ResourceId = "endpoint/churn/variant/AllTraffic";
const template = (maximum: string, goal: number) =>
  JSON.stringify({
    Resources: {
      Target: {
        Type: "AWS::ApplicationAutoScaling::ScalableTarget",
        Properties: {
          ServiceNamespace: "sagemaker",
          ResourceId,
          ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
          MinCapacity: "1",
          MaxCapacity: maximum,
        },
      },
      Policy: {
        Type: "AWS::ApplicationAutoScaling::ScalingPolicy",
        Properties: {
          PolicyName: "track",
          PolicyType: "TargetTrackingScaling",
          ScalingTargetId: { Ref: "Target" },
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: goal,
            ScaleInCooldown: "600",
            PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          },
        },
      },
      Alarm: {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmName: "errors",
          Namespace: "AWS/SageMaker",
          MetricName: "Invocation5XXErrors",
          Dimensions: [{ Name: "EndpointName", Value: "churn" }],
          Statistic: "Sum",
          Period: "60",
          EvaluationPeriods: 1,
          Threshold: goal,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: "notBreaching",
          Tags: [{ Key: "a", Value: "b" }],
        },
      },
    },
    Outputs: { Policy: { Value: { Ref: "Policy" } }, Alarm: { Value: { "Fn::GetAtt": ["Alarm", "Arn"] } } },
  });

const settled = () =>
  expect
    .poll(
      async () => {
        const { Stacks: [stack] = [] } = await cloudformation.describeStacks({ StackName: "scaling" });
        return stack?.StackStatus;
      },
      { timeout: 20_000, interval: 50 },
    )
    .toMatch(/^(CREATE|UPDATE)_COMPLETE$|ROLLBACK|FAILED/);

describe("a stack", () => {
  it("makes an alarm, a scalable target and its policy", async () => {
    await cloudformation.createStack({ StackName: "scaling", TemplateBody: template("3", 5) });
    await settled();
    const { Stacks: [stack] = [] } = await cloudformation.describeStacks({ StackName: "scaling" });
    expect(stack).toMatchObject({ StackStatus: "CREATE_COMPLETE" });
    const { ScalingPolicies: [policy] = [] } = await autoscaling.describeScalingPolicies({
      ServiceNamespace: "sagemaker",
      ResourceId,
    });
    expect(policy).toMatchObject({ PolicyName: "track", TargetTrackingScalingPolicyConfiguration: { TargetValue: 5 } });
    expect(stack?.Outputs).toEqual([
      { OutputKey: "Policy", OutputValue: policy?.PolicyARN },
      { OutputKey: "Alarm", OutputValue: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors" },
    ]);
  });

  it("changes them in place", async () => {
    await cloudformation.updateStack({ StackName: "scaling", TemplateBody: template("4", 7) });
    await settled();
    const ServiceNamespace = "sagemaker";
    const { ScalableTargets } = await autoscaling.describeScalableTargets({ ServiceNamespace });
    expect(ScalableTargets).toMatchObject([{ ResourceId, MinCapacity: 1, MaxCapacity: 4 }]);
    const { MetricAlarms = [] } = await cloudwatch.describeAlarms({});
    expect(MetricAlarms.map(({ Threshold }) => Threshold?.toFixed(1))).toEqual(["7.0", "6.3", "7.0"]);
  });

  it("takes them away", async () => {
    await cloudformation.deleteStack({ StackName: "scaling" });
    await expect
      .poll(() => cloudformation.describeStacks({ StackName: "scaling" }).catch((error: Error) => error.message), {
        timeout: 20_000,
      })
      .toBe("Stack with id scaling does not exist");
    expect((await cloudwatch.describeAlarms({})).MetricAlarms).toEqual([]);
    const { ScalableTargets } = await autoscaling.describeScalableTargets({ ServiceNamespace: "sagemaker" });
    expect(ScalableTargets).toEqual([]);
  });
});

describe("whoever registers a target and puts a policy", () => {
  const named = {
    ServiceNamespace: "sagemaker" as const,
    ResourceId,
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
  };
  const endpoint = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/churn";
  /** What AWS's page of prerequisites asks for, in the order in which it is missed. */
  const needed = [
    [
      "application-autoscaling:RegisterScalableTarget",
      "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/*",
    ],
    ["sagemaker:DescribeEndpoint", endpoint],
    ["sagemaker:UpdateEndpointWeightsAndCapacities", endpoint],
    ["iam:CreateServiceLinkedRole", "arn:aws:iam::000000000000:role/aws-service-role/*"],
    [
      "application-autoscaling:PutScalingPolicy",
      "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/*",
    ],
    ["cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:TargetTracking-*"],
  ] as const;

  const toStatement = ([Action, Resource]: readonly [string, string]) => {
    const scaling = { "application-autoscaling:service-namespace": "sagemaker" };
    const making = { "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com" };
    const only = Action.startsWith("iam:") ? making : Action.startsWith("application-") ? scaling : undefined;
    return { Effect: "Allow", Action, Resource, ...(only && { Condition: { StringEquals: only } }) };
  };

  it("needs each of these permissions, and no other", async () => {
    const { client } = scaled.cauce;
    const iam = scaled.on(new IAM(client));
    const document = (Statement: unknown) => JSON.stringify({ Version: "2012-10-17", Statement });
    const Principal = { AWS: "arn:aws:iam::000000000000:root" };
    const trust = document([{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }]);
    const { Role } = await iam.createRole({ RoleName: "deployer", AssumeRolePolicyDocument: trust });
    const credentials = await takeRole(client, Role?.Arn, "deployer");
    const deployer = scaled.on(new ApplicationAutoScaling({ ...client, credentials }));
    const attempt = async () => {
      await deployer.registerScalableTarget({ ...named, MinCapacity: 1, MaxCapacity: 2 });
      await deployer.putScalingPolicy({
        ...named,
        PolicyName: "track",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 5,
          PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
        },
      });
    };
    const missed: (string | undefined)[] = [];
    for (let allowed = 0; allowed < needed.length; allowed++) {
      const statements = needed.slice(0, allowed).map(toStatement);
      const PolicyDocument = document([{ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" }, ...statements]);
      await iam.putRolePolicy({ RoleName: "deployer", PolicyName: "p", PolicyDocument });
      const refusal = await attempt().catch((error: Error) => error.message);
      missed.push(/not authorized to perform: (\S+)/.exec(String(refusal))?.[1]);
      if (allowed >= 4) await autoscaling.deregisterScalableTarget(named);
    }
    expect(missed).toEqual(needed.map(([action]) => action));
    const statements = needed.map(toStatement);
    await iam.putRolePolicy({ RoleName: "deployer", PolicyName: "p", PolicyDocument: document(statements) });
    await attempt();
  });
});
