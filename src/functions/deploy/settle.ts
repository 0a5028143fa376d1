import type { Caller } from "#aws";
import { isRecord } from "#core";
import { findEndpoint, isMissing } from "./endpoint.ts";
import { stayAwake } from "./idle.ts";
import { deleteObject } from "./objects.ts";
import { point } from "./pointer.ts";
import type { Ask } from "./retry.ts";
import { startScaling } from "./scaling.ts";
import { removeLayout } from "./scorable.ts";
import type { DeployAnswer, DeploySettings } from "./settings.ts";

/** The endpoint serves: GET describes what it serves, and what nothing uses any more goes. */
export async function settle(aws: Caller, ask: Ask, settings: DeploySettings): Promise<DeployAnswer> {
  const { endpoint, servingUri } = settings;
  const now = await findEndpoint(ask, endpoint);
  // AWS: after a rollback the endpoint is in service again with the old configuration, so the name decides, not the event.
  if (now?.status !== "InService" || settings.way.on === "lambda") return { state: "ignored", endpoint };
  await point(aws, servingUri, { config: now.config, by: "endpoint" });
  await stayAwake(aws, servingUri);
  await startScaling(aws, settings);
  await clear(aws, ask, settings, now.config);
  return { state: "described", endpoint, config: now.config };
}

/** Removes models older than the one before the current one, which stays for a rollback, with all that belongs to them. */
export async function clear(aws: Caller, ask: Ask, settings: DeploySettings, current: string): Promise<void> {
  const { endpoint, servingUri, way } = settings;
  const [models, configs] = await Promise.all([named(ask, endpoint, "Model"), named(ask, endpoint, "EndpointConfig")]);
  const at = models.indexOf(current);
  // Newer ones are about to be used.
  const outlived = at === -1 ? [] : models.slice(at + 2);
  const unused = way.on === "lambda" ? configs : configs.filter((name) => outlived.includes(name));
  for (const EndpointConfigName of unused) await unlessMissing(ask("DeleteEndpointConfig", { EndpointConfigName }));
  for (const ModelName of outlived) {
    await unlessMissing(ask("DeleteModel", { ModelName }));
    await deleteObject(aws, `${servingUri}/${ModelName}.json`);
    await removeLayout(aws, `${servingUri}/${ModelName}`);
  }
}

/** The newest first. `NameContains` finds more than ours: another project's name may contain this one's. */
async function named(ask: Ask, endpoint: string, kind: "Model" | "EndpointConfig"): Promise<readonly string[]> {
  const answer = await ask(`List${kind}s`, {
    NameContains: `${endpoint}-`,
    SortBy: "CreationTime",
    SortOrder: "Descending",
    MaxResults: 100,
  });
  const ours = new RegExp(`^${endpoint}-\\d+-[0-9a-f]{8}$`);
  return ((answer[`${kind}s`] as unknown[] | undefined) ?? [])
    .map((found) => (isRecord(found) ? String(found[`${kind}Name`]) : ""))
    .filter((name) => ours.test(name));
}

async function unlessMissing(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
