import type { Caller } from "#aws";
import { canonicalJson, isRecord, sha256 } from "#core";
import { describeVersion, readPackage, type Version } from "./describe.ts";
import { findEndpoint } from "./endpoint.ts";
import { putObject } from "./objects.ts";
import { type Ask, retrying } from "./retry.ts";
import type { DeployAnswer, DeploySettings } from "./settings.ts";
import { settle } from "./settle.ts";

/** Starts a deployment and returns: an endpoint takes minutes on AWS, and its own event comes when it is done. */
export function deployer(aws: Caller, settings: DeploySettings): (event: unknown) => Promise<DeployAnswer> {
  const ask = retrying(aws);
  return async (event) => {
    const type = isRecord(event) ? event["detail-type"] : undefined;
    const detail = isRecord(event) && isRecord(event["detail"]) ? event["detail"] : {};
    if (type === "SageMaker Endpoint State Change") return settle(aws, ask, settings);
    if (typeof detail["ModelPackageArn"] !== "string")
      throw new Error(`This function cannot use the event ${JSON.stringify(event)?.slice(0, 300)}.`);
    const version = await readPackage(ask, detail["ModelPackageArn"]);
    if (version.approval !== "Approved") return { state: "ignored", endpoint: settings.endpoint };
    return deploy(aws, ask, settings, version);
  };
}

async function deploy(aws: Caller, ask: Ask, settings: DeploySettings, version: Version): Promise<DeployAnswer> {
  const { endpoint, instanceType, instances, modelRole } = settings;
  const digest = sha256(canonicalJson([version.arn, version.container, instanceType, instances, modelRole])).slice(
    0,
    8,
  );
  const name = `${endpoint}-${version.number}-${digest}`;
  const Tags = [
    { Key: "cauce:project", Value: endpoint },
    { Key: "cauce:model-package", Value: version.arn },
  ];
  await unlessThere(
    ask("CreateModel", { ModelName: name, ExecutionRoleArn: modelRole, PrimaryContainer: version.container, Tags }),
  );
  const variant = {
    VariantName: "AllTraffic",
    ModelName: name,
    InitialInstanceCount: instances,
    InstanceType: instanceType,
    InitialVariantWeight: 1,
  };
  await unlessThere(ask("CreateEndpointConfig", { EndpointConfigName: name, ProductionVariants: [variant], Tags }));
  const description = await describeVersion(aws, settings.endpoint, version);
  await putObject(aws, `${settings.servingUri}/${name}.json`, description);
  const state = await startEndpoint(ask, endpoint, name, Tags);
  // Before there is an endpoint, or when it serves this already, no event is needed to know what GET should say.
  if (state !== "updating") await putObject(aws, `${settings.servingUri}/model.json`, description);
  return { state, endpoint, config: name };
}

/** What the endpoint is doing when it cannot take another update. */
const BUSY = ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"];

async function startEndpoint(
  ask: Ask,
  EndpointName: string,
  EndpointConfigName: string,
  Tags: readonly object[],
): Promise<"creating" | "updating" | "serving"> {
  const now = await findEndpoint(ask, EndpointName);
  if (now?.config === EndpointConfigName && now.status !== "Failed" && now.status !== "Deleting")
    return now.status === "Creating" ? "creating" : "serving";
  if (now !== undefined && BUSY.includes(now.status)) {
    // AWS: an asynchronous invocation that throws is tried again, twice, after a while.
    throw new Error(
      `The endpoint ${EndpointName} is ${now.status}; the deployment of ${EndpointConfigName} must wait.`,
    );
  }
  if (now?.status === "Failed") {
    // AWS: an endpoint that failed can only be deleted.
    await ask("DeleteEndpoint", { EndpointName });
    for (let i = 0; i < 60 && (await findEndpoint(ask, EndpointName)); i++)
      await new Promise((resolve) => setTimeout(resolve, 1000));
  } else if (now !== undefined) {
    await ask("UpdateEndpoint", { EndpointName, EndpointConfigName });
    await ask("AddTags", { ResourceArn: now.arn, Tags });
    return "updating";
  }
  await unlessThere(ask("CreateEndpoint", { EndpointName, EndpointConfigName, Tags }));
  return "creating";
}

/** Names carry a digest of what they name: what is there already is the same. */
async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof Error && /already exist/i.test(error.message))) throw error;
  }
}
