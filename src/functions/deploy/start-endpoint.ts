import type { Caller } from "#aws";
import { type EndpointNow, findEndpoint, removeEndpoint } from "./endpoint.ts";
import { point } from "./pointer.ts";
import type { Ask } from "./retry.ts";
import { stopScaling } from "./scaling.ts";
import type { DeploySettings } from "./settings.ts";

/** What the endpoint is doing when it cannot take another update. */
const BUSY = ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"];

export interface Wanted {
  readonly name: string;
  readonly Tags: readonly object[];
  /** The function behind the URL can answer with this model by itself. */
  readonly scorable: boolean;
}

export async function startEndpoint(
  aws: Caller,
  ask: Ask,
  settings: DeploySettings,
  { name: EndpointConfigName, Tags, scorable }: Wanted,
): Promise<"creating" | "updating" | "serving"> {
  const EndpointName = settings.endpoint;
  const now = await findEndpoint(ask, EndpointName);
  if (now?.config === EndpointConfigName && now.status !== "Failed" && now.status !== "Deleting")
    return now.status === "Creating" ? "creating" : "serving";
  if (now !== undefined && BUSY.includes(now.status)) {
    // AWS: an asynchronous invocation that throws is tried again, twice, after a while.
    throw new Error(
      `The endpoint ${EndpointName} is ${now.status}; the deployment of ${EndpointConfigName} must wait.`,
    );
  }
  if (now !== undefined) await stopScaling(aws, settings);
  if (now !== undefined && !mustBeRemoved(now, settings)) {
    await update(ask, settings, now, { EndpointConfigName, Tags });
    return "updating";
  }
  if (now !== undefined) {
    // While there is none, the function behind the URL answers by itself, if it can.
    if (scorable && now.status !== "Failed")
      await point(aws, settings.servingUri, { config: EndpointConfigName, by: "lambda" });
    await removeEndpoint(ask, EndpointName);
  }
  await unlessThere(ask("CreateEndpoint", { EndpointName, EndpointConfigName, Tags }));
  return "creating";
}

async function update(
  ask: Ask,
  { endpoint: EndpointName, way }: DeploySettings,
  now: EndpointNow,
  { EndpointConfigName, Tags }: { readonly EndpointConfigName: string; readonly Tags: readonly object[] },
): Promise<void> {
  // What scaling has made of it is more than what it begins with.
  const retained = way.on === "endpoint" && way.scaling !== undefined && { RetainAllVariantProperties: true };
  await ask("UpdateEndpoint", { EndpointName, EndpointConfigName, ...retained });
  await ask("AddTags", { ResourceArn: now.arn, Tags });
}

/**
 * AWS: an endpoint that failed can only be deleted, and "you cannot convert your instance-based, real-time endpoint to a serverless
 * endpoint" (developer guide, "Update a serverless endpoint").
 */
function mustBeRemoved(now: EndpointNow, { way }: DeploySettings): boolean {
  return now.status === "Failed" || (way.on === "serverless" && !now.serverless);
}

/** Names carry a digest of what they name: what is there already is the same. */
export async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof Error && /already exist/i.test(error.message))) throw error;
  }
}
