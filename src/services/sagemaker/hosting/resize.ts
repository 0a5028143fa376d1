import { emitEndpointState, findEndpoint, inBackground, saveEndpoint } from "./endpoint-rows.ts";
import { endpoints as live } from "./fleet.ts";
import type { EndpointRow, HostingContext } from "./state.ts";

/**
 * Gives the variants the weights and instances that they shall have. An instance is no more than a number here: the model runs once, with
 * as many workers as the machine has processors for, and further instances would share these processors.
 */
export function startResizing({ kernel, account }: Pick<HostingContext, "kernel" | "account">, of: EndpointRow): void {
  kernel.tasks.run(`endpoint ${of.name}: weights and capacities`, async () => {
    const ctx = inBackground({ kernel, account }, of.region);
    const here = kernel.live(live).find(account, of.region, of.name);
    const fleet = here?.fleet ?? (await here?.loading?.catch(() => undefined));
    const asked = findEndpoint(ctx, of.name);
    if (asked?.status !== "Updating" || !isResizing(asked)) return;
    const variants = asked.variants.map(({ desired, ...variant }) => ({ ...variant, ...desired }));
    for (const served of fleet?.variants ?? []) {
      const wanted = variants.find(({ name }) => name === served.name);
      if (!wanted) continue;
      served.weight = wanted.weight;
      served.counts.instances = Math.max(1, wanted.instances);
    }
    await emitEndpointState(ctx, saveEndpoint(ctx, { ...asked, status: "InService", variants }));
  });
}

/** Whether an endpoint that is Updating only changes its weights and instances. */
export function isResizing({ variants }: EndpointRow): boolean {
  return variants.some(({ desired }) => desired !== undefined);
}
