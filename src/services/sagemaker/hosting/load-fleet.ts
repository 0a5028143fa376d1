import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CauceError } from "#core";
import { extractArchive, requireImage } from "../compute/index.ts";
import { openEndpointLog } from "./endpoint-log.ts";
import { createContainerEngine } from "./engines/container.ts";
import { type Engine, EngineFailure, type WriteLine } from "./engines/engine.ts";
import { createNativeEngine } from "./engines/native.ts";
import { createServerlessEngine } from "./engines/serverless.ts";
import type { Fleet, FleetVariant } from "./fleet.ts";
import { modelBlobs } from "./model-data.ts";
import { assumeModelRole } from "./roles.ts";
import type { HostingContext, VariantRow } from "./state.ts";
import { countVariant } from "./variant-counts.ts";

interface FleetPlan {
  readonly endpointName: string;
  readonly configName: string;
  readonly variants: readonly VariantRow[];
}

/** Makes every variant ready to answer; an `EngineFailure` says which one cannot, and why. */
export async function loadFleet(ctx: HostingContext, plan: FleetPlan, signal: AbortSignal): Promise<Fleet> {
  const loaded = await Promise.allSettled(plan.variants.map((variant) => loadVariant(ctx, plan, variant, signal)));
  const variants = loaded.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async (grace = 60_000) => {
    await Promise.allSettled(variants.map(({ engine }) => engine.stop(grace)));
  };
  const failed = loaded.find((one) => one.status === "rejected");
  if (!failed) return { configName: plan.configName, variants, stop };
  await stop(0);
  throw failed.reason;
}

async function loadVariant(
  ctx: HostingContext,
  plan: FleetPlan,
  variant: VariantRow,
  signal: AbortSignal,
): Promise<FleetVariant> {
  const log = openEndpointLog(ctx, plan.endpointName, variant.name);
  const load = (until: AbortSignal) => {
    const folder = join(hostingFolder(ctx), ctx.kernel.ids.token(12));
    return loadEngine(ctx, { variant, folder, write: log.write, signal: until });
  };
  try {
    const first = await load(signal);
    const { serverless } = variant;
    const engine = serverless ? createServerlessEngine({ ...serverless, first, load }) : first;
    const counts = countVariant(ctx, plan.endpointName, variant);
    const { name, weight } = variant;
    return { name, weight, engine, counts, credit: 0, ...(serverless && { serverless: true }) };
  } finally {
    await log.flush();
  }
}

export interface EngineParts {
  readonly variant: VariantRow;
  /** Where the model is unpacked; goes with the engine. */
  readonly folder: string;
  readonly write: WriteLine;
  readonly signal: AbortSignal;
  /** What is said of a container that is not ready in time, when it is not an endpoint's. */
  readonly unhealthy?: string;
}

/** Makes one model ready to answer. */
export async function loadEngine(ctx: HostingContext, parts: EngineParts): Promise<Engine> {
  const { variant, folder } = parts;
  const model = join(folder, "ml", "model");
  try {
    await mkdir(model, { recursive: true });
    if (variant.modelData !== undefined) await unpack(ctx, variant.modelData, model);
    if (variant.code !== undefined) await unpack(ctx, variant.code, join(folder, "ml", "code"));
    return await createEngine(ctx, parts, model);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Where models are unpacked; nothing in it outlives the server. */
export function hostingFolder(ctx: Pick<HostingContext, "kernel">): string {
  return join(ctx.kernel.settings.home, "hosting");
}

async function unpack(ctx: HostingContext, blob: string, folder: string): Promise<void> {
  try {
    await extractArchive(modelBlobs(ctx).path(blob), folder);
  } catch (error) {
    if (!(error instanceof CauceError)) throw error;
    // AWS: as users report it in public; what is wrong with the archive is added by us.
    throw new EngineFailure(
      `Failed to extract model data archive for container "container_1". Please ensure that the object located at the URL is a valid tar.gz archive. ${error.explanation.why}`,
    );
  }
}

async function createEngine(ctx: HostingContext, parts: EngineParts, model: string): Promise<Engine> {
  const { settings } = ctx.kernel;
  const { variant, folder, write } = parts;
  try {
    const { algorithm } = requireImage(variant.image);
    const native = await createNativeEngine({ folder: model, variant, algorithm, assets: settings.assets });
    if (native) {
      await rm(folder, { recursive: true, force: true });
      write(`Serving ${variant.name} with the native scorer.`);
      return native;
    }
    const credentials = await credentialsOf(ctx, variant);
    return await createContainerEngine({ ...parts, settings, credentials });
  } catch (error) {
    if (!(error instanceof CauceError)) throw error;
    const { what, why, fix } = error.explanation;
    throw new EngineFailure(`${what} ${why} ${fix}`);
  }
}

/** AWS gives them by an address inside the machine; every SDK reads these as well. */
async function credentialsOf(ctx: HostingContext, { role }: VariantRow): Promise<Record<string, string>> {
  const common = { AWS_REGION: ctx.region, AWS_DEFAULT_REGION: ctx.region, AWS_ENDPOINT_URL: ctx.kernel.endpoint };
  if (role === undefined) return common;
  const session = await assumeModelRole(ctx, role);
  return {
    ...common,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
  };
}
