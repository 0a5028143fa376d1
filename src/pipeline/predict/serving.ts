import { type Clients, isAwsError } from "#aws";
import { CauceError, isRecord, type JsonObject, parseJson } from "#core";
import type { Names } from "../names.ts";
import { readJson } from "../results.ts";
import { lookAtServing } from "../serving-now.ts";
import { DEFAULT_TYPE } from "../serving-way.ts";

/** The model that serves now, and how tables for it are read. */
export interface Serving {
  readonly model: string;
  readonly instanceType: string;
  /** features.json, when it is a model that has one. */
  readonly features: JsonObject | undefined;
  /** As the training table was read, where that is not about its file alone. */
  readonly reading: { readonly Decimal?: unknown; readonly Dates?: unknown; readonly Missing?: unknown };
}

export async function readServing(aws: Clients, names: Names): Promise<Serving> {
  const { endpoint, pointer, asleep } = await lookAtServing(aws, names);
  const serves = endpoint !== undefined && endpoint.status !== "Creating" && endpoint.status !== "Failed";
  const inside = pointer?.by === "lambda" ? pointer.config : undefined;
  const config = serves ? endpoint.config : (inside ?? asleep);
  if (config === undefined) throw nothingServes(names.endpoint);
  // Whatever serves, there is a model of the configuration's name.
  const { ModelArn } = await (await aws.sagemaker()).describeModel({ ModelName: config });
  const { Tags = [] } = await (await aws.sagemaker()).listTags({ ResourceArn: ModelArn });
  const version = Tags.find(({ Key }) => Key === "cauce:model-package")?.Value;
  const [instanceType, features, reading] = await Promise.all([
    inside === config ? undefined : typeOf(aws, config),
    featuresOf(aws, version),
    readingOf(aws, names),
  ]);
  // AWS: a serverless variant has no instances; a job needs one.
  return { model: config, instanceType: instanceType ?? DEFAULT_TYPE, features, reading };
}

async function typeOf(aws: Clients, EndpointConfigName: string): Promise<string | undefined> {
  const config = await (await aws.sagemaker()).describeEndpointConfig({ EndpointConfigName });
  return config.ProductionVariants?.[0]?.InstanceType;
}

async function featuresOf(aws: Clients, version: string | undefined): Promise<JsonObject | undefined> {
  if (version === undefined) return undefined;
  const found = await (await aws.sagemaker()).describeModelPackage({ ModelPackageName: version });
  const uri = found.CustomerMetadataProperties?.["features"];
  return uri === undefined ? undefined : readJson(aws, uri);
}

/** The arguments of the pipeline's first step. */
async function readingOf(aws: Clients, { pipeline }: Names): Promise<Serving["reading"]> {
  try {
    const { PipelineDefinition } = await (await aws.sagemaker()).describePipeline({ PipelineName: pipeline });
    const definition = parseJson(PipelineDefinition ?? "");
    const steps = isRecord(definition) && Array.isArray(definition["Steps"]) ? (definition["Steps"] as unknown[]) : [];
    const extract = steps.find((step) => isRecord(step) && step["Name"] === "Extract");
    const given = isRecord(extract) && isRecord(extract["Arguments"]) ? extract["Arguments"] : {};
    const { Decimal, Dates, Missing } = given as { Decimal?: unknown; Dates?: unknown; Missing?: unknown };
    return {
      ...(Decimal !== undefined && { Decimal }),
      ...(Dates !== undefined && { Dates }),
      ...(typeof Missing === "string" && { Missing: parseJson(Missing) }),
    };
  } catch (error) {
    if (isAwsError(error, "ResourceNotFound")) return {};
    throw error;
  }
}

function nothingServes(endpoint: string): CauceError {
  return new CauceError({
    code: "NotUp",
    what: `${endpoint} has no model that serves.`,
    why: "It was not brought up, or not to its end.",
    fix: "Run `cauce up`; `cauce status` shows what there is.",
  });
}
