import type { Caller } from "#aws";
import { canonicalJson, isRecord, sha256 } from "#core";
import { describeVersion, readPackage, type Version } from "./describe.ts";
import { sleepWhenIdle, wake } from "./idle.ts";
import { putObject } from "./objects.ts";
import { point, readPointer } from "./pointer.ts";
import { type Ask, retrying } from "./retry.ts";
import { startScaling } from "./scaling.ts";
import { layOut } from "./scorable.ts";
import type { DeployAnswer, DeploySettings } from "./settings.ts";
import { settle } from "./settle.ts";
import { startEndpoint, unlessThere } from "./start-endpoint.ts";
import { serveInside } from "./to-lambda.ts";

/** Starts a deployment and returns: an endpoint takes minutes on AWS, and its own event comes when it is done. */
export function deployer(aws: Caller, settings: DeploySettings): (event: unknown) => Promise<DeployAnswer> {
  const ask = retrying(aws);
  return async (event) => {
    const type = isRecord(event) ? event["detail-type"] : undefined;
    const detail = isRecord(event) && isRecord(event["detail"]) ? event["detail"] : {};
    if (type === "SageMaker Endpoint State Change") return settle(aws, ask, settings);
    if (type === "Scheduled Event") return sleepWhenIdle(aws, ask, settings);
    if (type === "Cauce Model Wanted") return wake(aws, ask, settings);
    if (typeof detail["ModelPackageArn"] !== "string")
      throw new Error(`This function cannot use the event ${JSON.stringify(event)?.slice(0, 300)}.`);
    const version = await readPackage(ask, detail["ModelPackageArn"]);
    if (version.approval !== "Approved") return { state: "ignored", endpoint: settings.endpoint };
    return deploy(aws, ask, settings, version);
  };
}

async function deploy(aws: Caller, ask: Ask, settings: DeploySettings, version: Version): Promise<DeployAnswer> {
  const { endpoint, way, modelRole, servingUri } = settings;
  const name = nameOf(settings, version);
  const Tags = [
    { Key: "cauce:project", Value: endpoint },
    { Key: "cauce:model-package", Value: version.arn },
  ];
  // Whatever serves, a model in SageMaker costs nothing, and batch transform jobs want one.
  await unlessThere(
    ask("CreateModel", { ModelName: name, ExecutionRoleArn: modelRole, PrimaryContainer: version.container, Tags }),
  );
  const description = await describeVersion(aws, endpoint, version);
  await putObject(aws, `${servingUri}/${name}.json`, JSON.stringify(description));
  // Of every version that allows it: so a project moves from one way to another without a moment in which nothing answers.
  const obstacle = await layOut(aws, version, `${servingUri}/${name}`, settings.modules);
  if (way.on === "lambda") return serveInside(aws, ask, settings, { name, obstacle });
  await unlessThere(
    ask("CreateEndpointConfig", { EndpointConfigName: name, ProductionVariants: [variantOf(name, way)], Tags }),
  );
  const before = await readPointer(aws, servingUri);
  const state = await startEndpoint(aws, ask, settings, { name, Tags, scorable: obstacle === undefined });
  // It is what served before; how far it may be scaled can be new.
  if (state === "serving") await startScaling(aws, settings);
  // Before anything serves, or when the endpoint serves this already, no event is needed to know what GET should say.
  if (state === "serving" || (state === "creating" && before === undefined))
    await point(aws, servingUri, { config: name, by: "endpoint" });
  return { state, endpoint, config: name };
}

/** Carries a digest of what it names: what is there already is the same. */
function nameOf({ endpoint, way, modelRole }: DeploySettings, { arn, number, container }: Version): string {
  const shape = way.on === "endpoint" ? [way.type, way.instances] : way.on === "serverless" ? way : ["lambda"];
  const digest = sha256(canonicalJson([arn, container, shape, modelRole])).slice(0, 8);
  return `${endpoint}-${number}-${digest}`;
}

function variantOf(ModelName: string, way: Exclude<DeploySettings["way"], { on: "lambda" }>): object {
  const common = { VariantName: "AllTraffic", ModelName, InitialVariantWeight: 1 };
  if (way.on === "serverless")
    return { ...common, ServerlessConfig: { MemorySizeInMB: way.memory, MaxConcurrency: way.concurrency } };
  return { ...common, InitialInstanceCount: way.instances, InstanceType: way.type };
}
