import type { Caller } from "#aws";
import { isRecord } from "#core";
import { findEndpoint } from "./endpoint.ts";
import { deleteObject, findObject, putObject } from "./objects.ts";
import type { Ask } from "./retry.ts";
import type { DeployAnswer, DeploySettings } from "./settings.ts";

/** The endpoint serves: GET describes what it serves, and what nothing uses any more goes. */
export async function settle(aws: Caller, ask: Ask, settings: DeploySettings): Promise<DeployAnswer> {
  const { endpoint, servingUri } = settings;
  const now = await findEndpoint(ask, endpoint);
  // AWS: after a rollback the endpoint is in service again with the old configuration, so the name decides, not the event.
  if (now?.status !== "InService") return { state: "ignored", endpoint };
  const description = await findObject(aws, `${servingUri}/${now.config}.json`);
  if (description) await putObject(aws, `${servingUri}/model.json`, description);
  for (const name of await outlived(ask, endpoint, now.config)) {
    await ask("DeleteEndpointConfig", { EndpointConfigName: name });
    await ask("DeleteModel", { ModelName: name });
    await deleteObject(aws, `${servingUri}/${name}.json`);
  }
  return { state: "described", endpoint, config: now.config };
}

/** Configurations older than the one before the current one, which stays for a rollback. Newer ones are about to be used. */
async function outlived(ask: Ask, endpoint: string, current: string): Promise<readonly string[]> {
  const answer = await ask("ListEndpointConfigs", {
    NameContains: `${endpoint}-`,
    SortBy: "CreationTime",
    SortOrder: "Descending",
    MaxResults: 100,
  });
  const ours = new RegExp(`^${endpoint}-\\d+-[0-9a-f]{8}$`);
  const names = ((answer["EndpointConfigs"] as unknown[] | undefined) ?? [])
    .map((config) => (isRecord(config) ? String(config["EndpointConfigName"]) : ""))
    .filter((name) => ours.test(name));
  const at = names.indexOf(current);
  return at === -1 ? [] : names.slice(at + 2);
}
