import { type Clients, isAwsError } from "#aws";
import { isRecord, parseJson } from "#core";
import { type EndpointNow, findEndpoint } from "./endpoint.ts";
import type { Names } from "./names.ts";
import type { Facts } from "./progress.ts";
import { readJson } from "./results.ts";
import type { ServingWay } from "./serving-way.ts";

/** What `serving/model.json` points to: docs/contracts/project.md. */
export interface Pointer {
  readonly config: string;
  readonly by: "endpoint" | "lambda";
}

/** What answers behind the URL at this moment. */
export interface ServingNow {
  readonly endpoint: EndpointNow | undefined;
  readonly pointer: Pointer | undefined;
  /** The configuration of an endpoint that was removed because nobody asked it; it is brought back when somebody does. */
  readonly asleep: string | undefined;
}

export async function lookAtServing(aws: Clients, names: Names): Promise<ServingNow> {
  const [endpoint, pointer, asleep] = await Promise.all([
    findEndpoint(aws, names.endpoint),
    findPointer(aws, names),
    readJson(aws, names.uri("serving", "asleep.json")),
  ]);
  return { endpoint, pointer, asleep: typeof asleep?.["config"] === "string" ? asleep["config"] : undefined };
}

export async function findPointer(aws: Clients, { bucket, key }: Names): Promise<Pointer | undefined> {
  try {
    const { Metadata = {} } = await (await aws.s3()).headObject({ Bucket: bucket, Key: key("serving", "model.json") });
    const { config, by } = Metadata;
    return config === undefined ? undefined : { config, by: by === "lambda" ? "lambda" : "endpoint" };
  } catch (error) {
    if (isAwsError(error, "NotFound", "NoSuchKey", "NoSuchBucket")) return undefined;
    throw error;
  }
}

/** Whether this version serves, in this way and no other. */
export function serves({ endpoint, pointer }: ServingNow, way: ServingWay, prefix: string): boolean {
  if (way.on === "lambda")
    return endpoint === undefined && pointer?.by === "lambda" && pointer.config.startsWith(prefix);
  return (
    endpoint?.status === "InService" &&
    endpoint.config.startsWith(prefix) &&
    endpoint.serverless === (way.on === "serverless")
  );
}

/** What a configuration's name says. */
export function versionIn(config: string | undefined): number | undefined {
  const version = /-(\d+)-[0-9a-f]{8}$/.exec(config ?? "")?.[1];
  return version === undefined ? undefined : Number(version);
}

/** As the stack's output `ServingWay` has it; undefined of a stack that was made before there was a choice. */
export function wayOf(output: string | undefined): ServingWay | undefined {
  const way = parseJson(output ?? "");
  return isRecord(way) ? (way as unknown as ServingWay) : undefined;
}

/** What people are told of a way. */
export function wayFacts(way: ServingWay, names: Pick<Names, "functions">): Facts {
  if (way.on === "lambda") return { on: way.on, memory: way.memory, functionName: names.functions.predict };
  if (way.on === "serverless") return { on: way.on, memory: way.memory };
  const { instances, type, scaling } = way;
  return { on: way.on, instances, instanceType: type, ...(scaling && { mostInstances: scaling.max }) };
}
