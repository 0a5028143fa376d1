import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "#core";
import { type Kernel, rootPrincipal, servicePrincipal } from "#kernel";
import { newActivity, saveActivity } from "./activities.ts";
import { SERVICE } from "./scalable.ts";
import type { AutoscalingContext, TargetRow } from "./state.ts";

/** A context for work that no request asks for. */
export function atWork(kernel: Kernel, region: string): AutoscalingContext {
  const principal = rootPrincipal(kernel.settings.account);
  return kernel.context("application-autoscaling", principal, region) as unknown as AutoscalingContext;
}

/** How the service itself asks others. */
export function asService({ account }: Pick<AutoscalingContext, "account">) {
  return { as: servicePrincipal(SERVICE, account) };
}

export interface Variant {
  readonly settled: boolean;
  readonly instances: number;
}

/** Undefined: the endpoint is not there, or not this variant of it. */
export async function findVariant(
  ctx: AutoscalingContext,
  target: Pick<TargetRow, "endpoint" | "variant">,
): Promise<Variant | undefined> {
  const found = await ctx
    .call("sagemaker", "DescribeEndpoint", { EndpointName: target.endpoint }, asService(ctx))
    .catch(() => undefined);
  const variant = found?.ProductionVariants?.find(({ VariantName }) => VariantName === target.variant);
  if (!variant) return undefined;
  return { settled: found?.EndpointStatus === "InService", instances: variant.DesiredInstanceCount ?? 1 };
}

const SETTLING = 50;
const PATIENCE = 30_000;

/** Changes the capacity and writes down how that went. Gives whether it did. */
export async function setCapacity(
  ctx: AutoscalingContext,
  target: TargetRow,
  capacity: number,
  cause: string,
): Promise<boolean> {
  const activity = newActivity(ctx, target, capacity, cause);
  saveActivity(ctx, activity);
  const end = (status: "Successful" | "Failed", message: string) =>
    saveActivity(ctx, { ...activity, status, message, endedAt: ctx.now().toISOString() });
  try {
    const DesiredWeightsAndCapacities = [{ VariantName: target.variant, DesiredInstanceCount: capacity }];
    const input = { EndpointName: target.endpoint, DesiredWeightsAndCapacities };
    await ctx.call("sagemaker", "UpdateEndpointWeightsAndCapacities", input, asService(ctx));
    await settled(ctx, target);
  } catch (error) {
    end("Failed", `Failed to set desired instance count to ${capacity}. Reason: ${messageOf(error)}`);
    return false;
  }
  const done = `Successfully set desired instance count to ${capacity}.`;
  end("Successful", `${done} Change successfully fulfilled by sagemaker.`);
  return true;
}

async function settled(ctx: AutoscalingContext, target: TargetRow): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += SETTLING) {
    if ((await findVariant(ctx, target))?.settled !== false) return;
    await sleep(SETTLING);
  }
}
