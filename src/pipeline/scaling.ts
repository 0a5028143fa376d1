import type { Stack } from "@aws-sdk/client-cloudformation";
import { AwsAnswer, callJson, type Clients, poll, type Target } from "#aws";
import { isRecord } from "#core";
import type { Names } from "./names.ts";
import type { WatchOptions } from "./progress.ts";
import { wayOf } from "./serving-now.ts";
import type { Scaling } from "./serving-way.ts";
import { outputOf } from "./stack.ts";
import { type Deployed, invokeSettle } from "./watch-endpoint.ts";

/** Where calls go: there is no client of Application Auto Scaling. */
export interface ScalingAt {
  readonly target: Target;
  readonly aws: Clients;
}

const variantOf = ({ endpoint }: Pick<Names, "endpoint">) => ({
  ServiceNamespace: "sagemaker",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  ResourceId: `endpoint/${endpoint}/variant/AllTraffic`,
});

/** What a stack says of it. */
export function scalingOf(stack: Stack | undefined): Scaling | undefined {
  const way = wayOf(outputOf(stack, "ServingWay"));
  return way?.on === "endpoint" ? way.scaling : undefined;
}

/** When the project does not want any more what the stack has. */
export async function stopScalingOf(
  stack: Stack | undefined,
  at: ScalingAt,
  { project: { deploy }, names }: Pick<Deployed, "project" | "names">,
): Promise<void> {
  const wanted = deploy.on === "endpoint" && deploy.scaling !== undefined;
  if (!wanted && scalingOf(stack)) await stopScaling(at, names);
}

/** Its policies and their alarms go with it. Answers whether there was any. */
export async function stopScaling({ target, aws }: ScalingAt, names: Names): Promise<0 | 1> {
  try {
    await callJson(target, aws, ["application-autoscaling", "DeregisterScalableTarget"], variantOf(names));
    return 1;
  } catch (error) {
    if (error instanceof AwsAnswer && error.code === "ObjectNotFoundException") return 0;
    throw error;
  }
}

/** How long the endpoint's event may take to bring it, before it is asked for directly, which also says why it does not come. */
const PATIENCE_MS = 5000;

/** The deploy function sets the scaling up when the endpoint serves: waits until it has. */
export async function watchScaling(
  at: ScalingAt,
  names: Names,
  scaling: Scaling,
  options: WatchOptions,
): Promise<void> {
  const started = performance.now();
  let asked = false;
  await poll(
    () => isScaled(at, names, scaling),
    (scaled) => scaled,
    {
      signal: options.signal,
      onAnswer: async (scaled) => {
        if (scaled || asked || performance.now() - started < PATIENCE_MS) return;
        asked = true;
        await invokeSettle(at.aws, names);
      },
    },
  );
}

async function isScaled({ target, aws }: ScalingAt, names: Names, { min, max }: Scaling): Promise<boolean> {
  const { ResourceId, ...dimension } = variantOf(names);
  const [targets, policies] = await Promise.all([
    callJson(target, aws, ["application-autoscaling", "DescribeScalableTargets"], {
      ...dimension,
      ResourceIds: [ResourceId],
    }),
    callJson(target, aws, ["application-autoscaling", "DescribeScalingPolicies"], { ...dimension, ResourceId }),
  ]);
  const [found] = (targets["ScalableTargets"] as unknown[] | undefined) ?? [];
  const policy = (policies["ScalingPolicies"] as unknown[] | undefined) ?? [];
  return isRecord(found) && found["MinCapacity"] === min && found["MaxCapacity"] === max && policy.length > 0;
}
