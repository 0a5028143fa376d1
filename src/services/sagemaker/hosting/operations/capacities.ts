import type { Handlers, InputOf } from "#kernel";
import { notBuilt, validation } from "../../faults.ts";
import { startResizing } from "../resize.ts";
import { assertSettled, emitEndpointState, requireEndpoint, saveEndpoint } from "../endpoint-rows.ts";
import { failedEndpoint } from "../faults.ts";
import type { EndpointRow, hostingTables } from "../state.ts";

export const capacities = {
  async UpdateEndpointWeightsAndCapacities(input, ctx) {
    const before = requireEndpoint(ctx, input.EndpointName);
    assertSettled(before);
    if (before.status === "Failed") throw failedEndpoint(before.arn);
    const desired = new Map(input.DesiredWeightsAndCapacities.map((one) => [one.VariantName, one]));
    for (const name of desired.keys()) {
      if (!before.variants.some((variant) => variant.name === name)) {
        throw validation(`Variant "${name}" does not exist for endpoint "${before.arn}".`);
      }
    }
    assertCapacities(input.DesiredWeightsAndCapacities, before);
    const variants = before.variants.map((variant) => ({
      ...variant,
      desired: {
        weight: desired.get(variant.name)?.DesiredWeight ?? variant.weight,
        instances: desired.get(variant.name)?.DesiredInstanceCount ?? variant.instances,
      },
    }));
    // AWS: the endpoint is Updating, then InService again, and serves all the while. UpdateEndpointWeightsAndCapacities, API reference.
    const row = saveEndpoint(ctx, { ...before, status: "Updating", variants });
    await emitEndpointState(ctx, row);
    startResizing(ctx, row);
    return { EndpointArn: row.arn };
  },
} satisfies Handlers<"sagemaker", typeof hostingTables>;

type Desired = InputOf<"sagemaker", "UpdateEndpointWeightsAndCapacities">["DesiredWeightsAndCapacities"];

function assertCapacities(desired: Desired, { variants }: EndpointRow): void {
  for (const { VariantName: name, DesiredInstanceCount: count, ServerlessUpdateConfig: update } of desired) {
    if (update) throw notBuilt("changing the concurrency of a serverless endpoint that serves");
    if (count === undefined || !variants.some((variant) => variant.name === name && variant.serverless)) continue;
    throw validation(`DesiredInstanceCount cannot be specified for the serverless production variant ${name}.`);
  }
}
