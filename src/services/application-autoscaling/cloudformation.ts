import type { InputOf, Resource, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";
import { notBuilt } from "./faults.ts";

type Register = InputOf<"application-autoscaling", "RegisterScalableTarget">;
type Put = InputOf<"application-autoscaling", "PutScalingPolicy">;

interface TargetProperties extends Omit<Register, "Tags" | "MinCapacity" | "MaxCapacity"> {
  readonly MinCapacity: number | string;
  readonly MaxCapacity: number | string;
  readonly ScheduledActions?: readonly unknown[];
}

const target: ResourceHandler<TargetProperties> = {
  replaceOn: ["ResourceId", "ScalableDimension", "ServiceNamespace"],
  create: register,
  update: (properties, _previous, _resource, at) => register(properties, at),
  delete: (_resource, { ServiceNamespace, ResourceId, ScalableDimension }, at) =>
    unlessGone(
      at.call("application-autoscaling", "DeregisterScalableTarget", {
        ServiceNamespace,
        ResourceId,
        ScalableDimension,
      }),
    ),
};

async function register(properties: TargetProperties, at: ResourceContext): Promise<Resource> {
  if (properties.ScheduledActions?.length) throw notBuilt("ScheduledActions");
  const { ServiceNamespace, ResourceId, ScalableDimension, RoleARN, SuspendedState: suspended } = properties;
  const { ScalableTargetARN: arn = "" } = await at.call("application-autoscaling", "RegisterScalableTarget", {
    ServiceNamespace,
    ResourceId,
    ScalableDimension,
    MinCapacity: Number(properties.MinCapacity),
    MaxCapacity: Number(properties.MaxCapacity),
    ...(RoleARN !== undefined && { RoleARN }),
    ...(suspended && {
      SuspendedState: Object.fromEntries(Object.entries(suspended).map(([key, value]) => [key, isTrue(value)])),
    }),
    Tags: { ...at.tags },
  });
  // AWS: what Ref gives, and what a policy takes as its ScalingTargetId.
  const physicalId = `${ResourceId}|${ScalableDimension}|${ServiceNamespace}`;
  return { physicalId, attributes: { Id: physicalId, ScalableTargetARN: arn } };
}

interface PolicyProperties extends Partial<Omit<Put, "TargetTrackingScalingPolicyConfiguration">> {
  readonly ScalingTargetId?: string;
  readonly TargetTrackingScalingPolicyConfiguration?: Readonly<Record<string, unknown>>;
}

const policy: ResourceHandler<PolicyProperties> = {
  replaceOn: ["PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"],
  create: putPolicy,
  update: (properties, _previous, _resource, at) => putPolicy(properties, at),
  delete: (_resource, properties, at) =>
    unlessGone(
      at.call("application-autoscaling", "DeleteScalingPolicy", {
        ...scaledBy(properties),
        PolicyName: properties.PolicyName,
      } as InputOf<"application-autoscaling", "DeleteScalingPolicy">),
    ),
};

async function putPolicy(properties: PolicyProperties, at: ResourceContext): Promise<Resource> {
  const { PolicyName, PolicyType, TargetTrackingScalingPolicyConfiguration: tracking, ...others } = properties;
  const known = ["ScalingTargetId", "ServiceNamespace", "ResourceId", "ScalableDimension"];
  const other = Object.keys(others).find((name) => !known.includes(name));
  if (other !== undefined) throw notBuilt(`the property ${other} of AWS::ApplicationAutoScaling::ScalingPolicy`);
  const input = {
    ...scaledBy(properties),
    PolicyName,
    PolicyType,
    ...(tracking && { TargetTrackingScalingPolicyConfiguration: toTracking(tracking) }),
  } as Put;
  const { PolicyARN: arn = "" } = await at.call("application-autoscaling", "PutScalingPolicy", input);
  return { physicalId: arn, attributes: { Arn: arn } };
}

function scaledBy(properties: PolicyProperties) {
  const { ScalingTargetId: id, ServiceNamespace, ResourceId, ScalableDimension } = properties;
  if (id === undefined) return { ServiceNamespace, ResourceId, ScalableDimension };
  const [resource, dimension, namespace] = id.split("|");
  return { ServiceNamespace: namespace, ResourceId: resource, ScalableDimension: dimension };
}

/** A template may write numbers and booleans as text. */
function toTracking(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const numbers = ["TargetValue", "ScaleInCooldown", "ScaleOutCooldown"];
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (numbers.includes(name)) return [name, Number(value)];
      return [name, name === "DisableScaleIn" ? isTrue(value) : value];
    }),
  );
}

function isTrue(value: unknown): boolean {
  return String(value) === "true";
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsFault) || error.code !== "ObjectNotFoundException") throw error;
  }
}

export const resources: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {
  "AWS::ApplicationAutoScaling::ScalableTarget": target as unknown as ResourceHandler,
  "AWS::ApplicationAutoScaling::ScalingPolicy": policy as unknown as ResourceHandler,
};
