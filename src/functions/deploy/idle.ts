import type { Caller } from "#aws";
import { isRecord } from "#core";
import { findEndpoint, removeEndpoint } from "./endpoint.ts";
import { deleteObject, findObject, putObject } from "./objects.ts";
import type { Ask } from "./retry.ts";
import { stopScaling } from "./scaling.ts";
import type { DeployAnswer, DeploySettings } from "./settings.ts";
import { unlessThere } from "./start-endpoint.ts";

/** On a schedule: an endpoint that nobody has asked for long enough goes; its configuration and its model cost nothing and stay. */
export async function sleepWhenIdle(aws: Caller, ask: Ask, settings: DeploySettings): Promise<DeployAnswer> {
  const { endpoint, way, servingUri } = settings;
  const now = await findEndpoint(ask, endpoint);
  if (way.on !== "endpoint" || way.maxIdle === undefined || now?.status !== "InService")
    return { state: "ignored", endpoint };
  const young = Date.now() - now.modified < way.maxIdle * 60_000;
  if (young || (await invocations(aws, endpoint, way.maxIdle)) > 0) return { state: "ignored", endpoint };
  await putObject(aws, asleepUri(servingUri), JSON.stringify({ config: now.config, since: new Date().toISOString() }));
  await stopScaling(aws, settings);
  await removeEndpoint(ask, endpoint);
  console.log(
    `Nobody has asked ${endpoint} for ${way.maxIdle} minutes: its endpoint was removed. The next request brings it back.`,
  );
  return { state: "asleep", endpoint, config: now.config };
}

/** Somebody asks again. Called as often as they do: what is on its way is left alone. */
export async function wake(aws: Caller, ask: Ask, { endpoint, servingUri }: DeploySettings): Promise<DeployAnswer> {
  const asleep = await findObject(aws, asleepUri(servingUri));
  const config = asleep?.["config"];
  const now = await findEndpoint(ask, endpoint);
  if (typeof config !== "string") return { state: "ignored", endpoint };
  if (now?.status === "Deleting") await removeEndpoint(ask, endpoint);
  else if (now !== undefined) return { state: "waking", endpoint, config: now.config };
  const Tags = [{ Key: "cauce:project", Value: endpoint }];
  await unlessThere(ask("CreateEndpoint", { EndpointName: endpoint, EndpointConfigName: config, Tags }));
  return { state: "waking", endpoint, config };
}

/** It serves: nobody needs to be told to wait. */
export async function stayAwake(aws: Caller, servingUri: string): Promise<void> {
  await deleteObject(aws, asleepUri(servingUri));
}

/** While it lies there, the URL answers that the model is being brought back. */
function asleepUri(servingUri: string): string {
  return `${servingUri}/asleep.json`;
}

const HOUR = 3600;

/** How often it was asked in the last so many minutes, by CloudWatch's own count. */
async function invocations(aws: Caller, endpoint: string, minutes: number): Promise<number> {
  const dimensions = { EndpointName: endpoint, VariantName: "AllTraffic" };
  const Period = minutes > 180 ? HOUR : 60;
  // AWS: a period is named by its beginning; the one that the time begins in counts as well.
  const StartTime = Math.floor((Date.now() / 1000 - minutes * 60) / Period) * Period;
  const answer = await aws.json("cloudwatch", "GetMetricData", {
    StartTime,
    EndTime: Math.ceil(Date.now() / 1000),
    MetricDataQueries: [
      {
        Id: "invocations",
        MetricStat: {
          Metric: {
            Namespace: "AWS/SageMaker",
            MetricName: "Invocations",
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period,
          Stat: "Sum",
        },
      },
    ],
  });
  const [series] = (answer["MetricDataResults"] as unknown[] | undefined) ?? [];
  const values = isRecord(series) && Array.isArray(series["Values"]) ? (series["Values"] as unknown[]) : [];
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}
