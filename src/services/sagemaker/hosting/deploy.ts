import { setTimeout as sleep } from "node:timers/promises";
import { AwsFault } from "#protocol";
import { resolveContainer, requireContainer } from "./containers.ts";
import { emitEndpointState, findEndpoint, inBackground, saveEndpoint } from "./endpoint-rows.ts";
import { EngineFailure } from "./engines/engine.ts";
import { endpoints, type Fleet, type LiveEndpoint } from "./fleet.ts";
import { loadFleet } from "./load-fleet.ts";
import { fetchModelData, modelBlobs } from "./model-data.ts";
import { requireEndpointConfig } from "./operations/endpoint-configs.ts";
import { requireModel } from "./operations/models.ts";
import { blobsOf, type EndpointConfigRow, type EndpointRow, type HostingContext, type VariantRow } from "./state.ts";

/** Goes on with an endpoint that is Creating or Updating, until it serves or it is known why it does not. */
export function startDeployment(ctx: HostingContext, name: string, region = ctx.region): void {
  const { kernel, account } = ctx;
  const live = kernel.live(endpoints).open(account, region, name);
  const controller = new AbortController();
  live.work.add(controller);
  kernel.tasks.run(`endpoint ${name}`, async (stopping) => {
    try {
      await deploy(
        inBackground({ kernel, account }, region),
        name,
        live,
        AbortSignal.any([stopping, controller.signal]),
      );
    } finally {
      live.work.delete(controller);
    }
  });
}

async function deploy(ctx: HostingContext, name: string, live: LiveEndpoint, signal: AbortSignal): Promise<void> {
  const asked = findEndpoint(ctx, name);
  if (asked?.status !== "Creating" && asked?.status !== "Updating") return;
  const configName = asked.nextConfigName ?? asked.configName;
  const variants: VariantRow[] = [];
  try {
    await prepareVariants(ctx, configName, variants, signal);
    if (asked.retains) variants.splice(0, variants.length, ...variants.map((one) => retained(one, asked.variants)));
    const fleet = await loadFleet(ctx, { endpointName: name, configName, variants }, signal);
    await (signal.aborted ? fleet.stop() : activate(ctx, asked, live, { fleet, variants, signal }));
  } catch (error) {
    await deleteModelData(ctx, variants);
    if (signal.aborted) return;
    await fail(ctx, asked, error);
  }
}

/** What the configuration asks for, made independent of it: the model's data is fetched as the model's role. */
async function prepareVariants(
  ctx: HostingContext,
  configName: string,
  into: VariantRow[],
  signal: AbortSignal,
): Promise<void> {
  const { input } = requireEndpointConfig(ctx, configName);
  for (const variant of input.ProductionVariants) {
    const startupSeconds = variant.ContainerStartupHealthCheckTimeoutInSeconds;
    into.push({
      name: variant.VariantName,
      weight: variant.InitialVariantWeight ?? 1,
      instances: variant.ServerlessConfig ? 0 : (variant.InitialInstanceCount ?? 1),
      ...toServerless(variant.ServerlessConfig),
      ...(await bringModel(ctx, variant.ModelName ?? "", signal)),
      ...(startupSeconds !== undefined && { startupSeconds }),
    });
  }
}

/** AWS: "whether to retain variant properties, such as the instance count or the variant weight". UpdateEndpoint, API reference. */
function retained(variant: VariantRow, before: readonly VariantRow[]): VariantRow {
  const { weight, instances } = before.find(({ name }) => name === variant.name) ?? variant;
  return { ...variant, weight, instances: variant.serverless ? 0 : Math.max(1, instances) };
}

type ServerlessConfig = EndpointConfigRow["input"]["ProductionVariants"][number]["ServerlessConfig"];

function toServerless(config: ServerlessConfig): Pick<VariantRow, "serverless"> {
  if (!config) return {};
  const { MemorySizeInMB: memory, MaxConcurrency: concurrency, ProvisionedConcurrency: provisioned } = config;
  return { serverless: { memory, concurrency, ...(provisioned !== undefined && { provisioned }) } };
}

type ServedModel = Pick<VariantRow, "image" | "environment" | "modelData" | "code" | "role" | "isolated">;

/** What a model means now, its data fetched as its role. */
export async function bringModel(ctx: HostingContext, name: string, signal: AbortSignal): Promise<ServedModel> {
  const model = requireModel(ctx, name).input;
  const { image, modelDataUrl, environment } = await resolveContainer(ctx, requireContainer(model));
  const { ExecutionRoleArn: role, EnableNetworkIsolation: isolated } = model;
  const bring = async (url: string | undefined) => url && fetchModelData(ctx, url, role ?? "", signal);
  const submitted = environment["SAGEMAKER_SUBMIT_DIRECTORY"];
  const modelData = await bring(modelDataUrl);
  const code = await bring(submitted?.startsWith("s3://") ? submitted : undefined);
  return {
    image,
    environment,
    ...(modelData && { modelData }),
    ...(code && { code }),
    ...(role !== undefined && { role }),
    ...(isolated && { isolated }),
  };
}

interface Ready {
  readonly fleet: Fleet;
  readonly variants: readonly VariantRow[];
  readonly signal: AbortSignal;
}

/** From one moment to the next the new fleet takes all requests; the old one ends what it has begun. */
async function activate(ctx: HostingContext, asked: EndpointRow, live: LiveEndpoint, ready: Ready): Promise<void> {
  const old = live.fleet;
  live.fleet = ready.fleet;
  live.loading = undefined;
  if (old && asked.terminationWait)
    await sleep(asked.terminationWait * 1000, undefined, { signal: ready.signal }).catch(() => {});
  const { nextConfigName: _next, failureReason: _reason, terminationWait: _wait, retains: _retains, ...kept } = asked;
  const row = saveEndpoint(ctx, {
    ...kept,
    status: "InService",
    configName: ready.fleet.configName,
    variants: ready.variants,
  });
  await emitEndpointState(ctx, row);
  await old?.stop();
  await deleteModelData(ctx, asked.variants);
}

/** AWS: an endpoint that could not be made is Failed; one that could not be updated serves as before, and says why. */
export async function fail(ctx: HostingContext, asked: EndpointRow, error: unknown): Promise<void> {
  const known = error instanceof EngineFailure || error instanceof AwsFault;
  const reason = known
    ? error.message
    : "Internal error while the endpoint was made; the log of Cauce has the details.";
  const { nextConfigName: _next, terminationWait: _wait, retains: _retains, ...kept } = asked;
  const status = asked.status === "Updating" ? "InService" : "Failed";
  const row = saveEndpoint(ctx, { ...kept, status, failureReason: reason.slice(0, 1024) });
  await emitEndpointState(ctx, row);
  if (!known) throw error;
}

export async function deleteModelData(
  ctx: HostingContext,
  variants: readonly Pick<VariantRow, "modelData" | "code">[],
): Promise<void> {
  const blobs = modelBlobs(ctx);
  await Promise.all(blobsOf(variants).map((id) => blobs.delete(id)));
}
