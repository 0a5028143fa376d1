import { AwsFault } from "#protocol";
import type { AssumedRole } from "#kernel";
import { SAGEMAKER } from "../events.ts";
import { roleNotAssumable } from "./faults.ts";
import type { HostingContext } from "./state.ts";

/** The caller must be allowed to hand the role to SageMaker. */
export function assertPassable(ctx: HostingContext, role: string): Promise<void> {
  return ctx.authorize({ action: "iam:PassRole", resource: role, conditions: { "iam:PassedToService": SAGEMAKER } });
}

/** A session of the model's role, for what is done in the model's name. */
export async function assumeModelRole(ctx: HostingContext, role: string): Promise<AssumedRole> {
  try {
    return await ctx.assume(role, { service: SAGEMAKER, sessionName: "SageMaker" });
  } catch (error) {
    if (error instanceof AwsFault) throw roleNotAssumable(role);
    throw error;
  }
}
