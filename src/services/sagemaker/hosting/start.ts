import { rm } from "node:fs/promises";
import { fail, startDeployment } from "./deploy.ts";
import { inBackground } from "./endpoint-rows.ts";
import { endpoints as live } from "./fleet.ts";
import { hostingFolder, loadFleet } from "./load-fleet.ts";
import { modelBlobs } from "./model-data.ts";
import { isResizing, startResizing } from "./resize.ts";
import { startDeletion } from "./operations/endpoints.ts";
import { blobsOf, type EndpointRow, type HostingContext } from "./state.ts";

/** What served before the server ended is loaded again, what was under way goes on. Requests that come early wait. */
export function startHosting(ctx: HostingContext): void {
  const rows = ctx.tables.endpoints.list().map(({ row }) => row);
  const cleaned = rm(hostingFolder(ctx), { recursive: true, force: true });
  for (const row of rows) {
    if (["Creating", "Updating", "Deleting"].includes(row.status))
      ctx.kernel.interrupted.push(`The endpoint ${row.name} was ${row.status}: that goes on.`);
    if (row.status === "InService" || row.status === "Updating") load(ctx, row, cleaned);
    if (row.status === "Updating" && isResizing(row)) startResizing(ctx, row);
    else if (row.status === "Creating" || row.status === "Updating") {
      void cleaned.then(() => startDeployment(ctx, row.name, row.region)).catch(() => {});
    }
    if (row.status === "Deleting") startDeletion(ctx, row);
  }
  ctx.kernel.metrics.everyMinute(() => {
    for (const { fleet } of ctx.kernel.live(live).all.values())
      for (const { counts } of fleet?.variants ?? []) counts.tellSilence();
  });
  // What lies there now, and no endpoint names: looked for before any deployment fetches more.
  const leftovers = findLeftovers(ctx, rows);
  ctx.kernel.tasks.run("hosting: leftovers", async () => {
    for (const id of leftovers) await modelBlobs(ctx).delete(id);
  });
}

function load(ctx: HostingContext, row: EndpointRow, cleaned: Promise<void>): void {
  const here = ctx.kernel.live(live).open(ctx.account, row.region, row.name);
  const controller = new AbortController();
  here.work.add(controller);
  ctx.kernel.tasks.run(`endpoint ${row.name}: load again`, async (stopping) => {
    const plan = { endpointName: row.name, configName: row.configName, variants: row.variants };
    const signal = AbortSignal.any([stopping, controller.signal]);
    here.loading = cleaned.then(() => loadFleet(inBackground(ctx, row.region), plan, signal));
    try {
      const fleet = await here.loading;
      // An update may have been quicker, or the endpoint was deleted meanwhile.
      if (here.fleet || signal.aborted) await fleet.stop();
      else here.fleet = fleet;
    } catch (error) {
      // What an update is about to replace is not needed any more.
      if (signal.aborted || !(row.status === "InService" || isResizing(row))) return;
      await fail(inBackground(ctx, row.region), { ...row, status: "InService" }, error);
    } finally {
      here.loading = undefined;
      here.work.delete(controller);
    }
  });
}

/** Model data that a deployment had fetched when the server was killed. */
function findLeftovers(ctx: HostingContext, rows: readonly EndpointRow[]): string[] {
  const used = new Set(rows.flatMap(({ variants }) => blobsOf(variants)));
  return modelBlobs(ctx)
    .list()
    .filter((id) => !used.has(id));
}
