import { allow, arn, attribute, objects, type Statement, sub } from "../../resources.ts";
import type { StageContext } from "../stage.ts";

/** What the deploy function may do: no more than the project's way of serving wants. */
export function statements(at: StageContext): readonly Statement[] {
  const name = at.project.name;
  const models = arn("sagemaker", `model/${name}-*`);
  const configs = arn("sagemaker", `endpoint-config/${name}-*`);
  const endpoint = arn("sagemaker", `endpoint/${at.names.endpoint}`);
  return [
    allow(["sagemaker:CreateModel", "sagemaker:DeleteModel", "sagemaker:AddTags"], models),
    // Without an endpoint of its own, it removes the one of before.
    ...(at.project.deploy.on === "lambda"
      ? [allow("sagemaker:DeleteEndpointConfig", configs)]
      : [
          allow(["sagemaker:CreateEndpointConfig", "sagemaker:DeleteEndpointConfig", "sagemaker:AddTags"], configs),
          // AWS: creating and updating an endpoint is allowed on the endpoint and on its configuration.
          allow(["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"], [endpoint, configs]),
          allow("sagemaker:AddTags", endpoint),
        ]),
    allow(["sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint"], endpoint),
    allow("sagemaker:DescribeModelPackage", arn("sagemaker", `model-package/${at.names.group}/*`)),
    // AWS: a list cannot be limited to a resource. Service authorization reference, Amazon SageMaker.
    allow(["sagemaker:ListEndpointConfigs", "sagemaker:ListModels"], "*"),
    allow("iam:PassRole", attribute("ModelRole", "Arn"), {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    allow("s3:GetObject", [objects(at, "runs/*"), objects(at, "serving/*"), objects(at, "models/*")]),
    allow(["s3:PutObject", "s3:DeleteObject"], objects(at, "serving/*")),
    ...scaling(at, endpoint),
    ...idling(at),
  ];
}

/** AWS: whoever registers a target is asked for what the scaling will do. Application Auto Scaling user guide, "Permissions". */
function scaling(at: StageContext, endpoint: unknown): readonly Statement[] {
  const { deploy } = at.project;
  if (deploy.on !== "endpoint" || deploy.scaling === undefined) return [];
  const role =
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint";
  return [
    allow(
      [
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:PutScalingPolicy",
      ],
      arn("application-autoscaling", "scalable-target/*"),
      { StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } },
    ),
    allow(["sagemaker:DescribeEndpointConfig"], arn("sagemaker", `endpoint-config/${at.project.name}-*`)),
    allow("sagemaker:UpdateEndpointWeightsAndCapacities", endpoint),
    allow(
      ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"],
      arn("cloudwatch", `alarm:TargetTracking-endpoint/${at.names.endpoint}/*`),
    ),
    // AWS: alarms are looked for before any name is known.
    allow("cloudwatch:DescribeAlarms", arn("cloudwatch", "alarm:*")),
    allow("iam:CreateServiceLinkedRole", sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${role}`), {
      StringLike: { "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com" },
    }),
  ];
}

/** AWS: metrics cannot be limited to a resource. Service authorization reference, Amazon CloudWatch. */
function idling({ project: { deploy } }: StageContext): readonly Statement[] {
  return deploy.on === "endpoint" && deploy.maxIdle !== undefined ? [allow("cloudwatch:GetMetricData", "*")] : [];
}
