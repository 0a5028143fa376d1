import { AwsAnswer, type Caller } from "#aws";
import type { DeploySettings } from "./settings.ts";

/** Target tracking for the endpoint that now serves. AWS: neither it nor its instances may be changed while it is being made. */
export async function startScaling(aws: Caller, { endpoint, way }: DeploySettings): Promise<void> {
  if (way.on !== "endpoint" || way.scaling === undefined) return;
  const { min, max, invocationsPerInstance } = way.scaling;
  const target = targetOf(endpoint);
  await aws.json("application-autoscaling", "RegisterScalableTarget", {
    ...target,
    MinCapacity: min,
    MaxCapacity: max,
  });
  await aws.json("application-autoscaling", "PutScalingPolicy", {
    ...target,
    PolicyName: `${endpoint}-invocations`,
    PolicyType: "TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: invocationsPerInstance,
      PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
    },
  });
}

/**
 * Until the endpoint is settled again. AWS: an update that changes the instance type of a variant that is scaled fails, and a variant that
 * is scaled is to be deregistered before it goes (developer guide, "Endpoint auto scaling"). Its policies go with it.
 */
export async function stopScaling(aws: Caller, { endpoint, way }: DeploySettings): Promise<void> {
  if (way.on !== "endpoint" || way.scaling === undefined) return;
  try {
    await aws.json("application-autoscaling", "DeregisterScalableTarget", targetOf(endpoint));
  } catch (error) {
    if (!(error instanceof AwsAnswer && error.code === "ObjectNotFoundException")) throw error;
  }
}

function targetOf(endpoint: string): object {
  return {
    ServiceNamespace: "sagemaker",
    ResourceId: `endpoint/${endpoint}/variant/AllTraffic`,
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  };
}
