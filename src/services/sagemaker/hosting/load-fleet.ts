import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CauceError } from "#core";
import { requireImage } from "../compute/index.ts";
import { type EndpointLog, openEndpointLog } from "./endpoint-log.ts";
import { createContainerEngine } from "./engines/container.ts";
import { type Engine, EngineFailure } from "./engines/engine.ts";
import { createNativeEngine } from "./engines/native.ts";
import type { Fleet, FleetVariant } from "./fleet.ts";
import { ArchiveError, unpackModel } from "./model-archive.ts";
import { modelBlobs } from "./model-data.ts";
import type { HostingContext, VariantRow } from "./state.ts";

interface FleetPlan {
  readonly endpointName: string;
  readonly configName: string;
  readonly variants: readonly VariantRow[];
}

/** Makes every variant ready to answer; an `EngineFailure` says which one cannot, and why. */
export async function loadFleet(ctx: HostingContext, plan: FleetPlan, signal: AbortSignal): Promise<Fleet> {
  const loaded = await Promise.allSettled(plan.variants.map((variant) => loadVariant(ctx, plan, variant, signal)));
  const variants = loaded.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async () => {
    await Promise.allSettled(variants.map(({ engine }) => engine.stop()));
  };
  const failed = loaded.find((one) => one.status === "rejected");
  if (!failed) return { configName: plan.configName, variants, stop };
  await stop();
  throw failed.reason;
}

async function loadVariant(
  ctx: HostingContext,
  plan: FleetPlan,
  variant: VariantRow,
  signal: AbortSignal,
): Promise<FleetVariant> {
  const folder = join(hostingFolder(ctx), ctx.kernel.ids.token(12));
  const model = join(folder, "ml", "model");
  const log = openEndpointLog(ctx, plan.endpointName, variant.name);
  try {
    await mkdir(model, { recursive: true });
    if (variant.modelData !== undefined) await unpack(ctx, variant.modelData, model);
    const engine = await createEngine(ctx, { variant, folder, model, log, signal });
    return { name: variant.name, weight: variant.weight, engine, credit: 0 };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await log.flush();
  }
}

/** Where models are unpacked; nothing in it outlives the server. */
export function hostingFolder(ctx: Pick<HostingContext, "kernel">): string {
  return join(ctx.kernel.settings.home, "hosting");
}

async function unpack(ctx: HostingContext, blob: string, folder: string): Promise<void> {
  try {
    await unpackModel(modelBlobs(ctx).read(blob), folder);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new EngineFailure(
      `Failed to extract model data archive for container "container_1". Please ensure that the object located at the URL is a valid tar.gz archive: ${error.message}.`,
    );
  }
}

interface EngineParts {
  readonly variant: VariantRow;
  readonly folder: string;
  readonly model: string;
  readonly log: EndpointLog;
  readonly signal: AbortSignal;
}

async function createEngine(
  ctx: HostingContext,
  { variant, folder, model, log, signal }: EngineParts,
): Promise<Engine> {
  const { settings } = ctx.kernel;
  try {
    const { algorithm } = requireImage(variant.image);
    const native = await createNativeEngine({ folder: model, variant, algorithm, assets: settings.assets });
    if (native) {
      await rm(folder, { recursive: true, force: true });
      log.write(`Serving ${variant.name} with the native scorer.`);
      return native;
    }
    return await createContainerEngine({ settings, folder, variant, write: log.write, signal });
  } catch (error) {
    if (!(error instanceof CauceError)) throw error;
    const { what, why, fix } = error.explanation;
    throw new EngineFailure(`${what} ${why} ${fix}`);
  }
}
