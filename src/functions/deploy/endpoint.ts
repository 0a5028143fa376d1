import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "#core";
import type { Ask } from "./retry.ts";

export interface EndpointNow {
  readonly arn: string;
  readonly status: string;
  readonly config: string;
  readonly serverless: boolean;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export async function findEndpoint(ask: Ask, EndpointName: string): Promise<EndpointNow | undefined> {
  try {
    const found = await ask("DescribeEndpoint", { EndpointName });
    const [variant] = (found["ProductionVariants"] as unknown[] | undefined) ?? [];
    return {
      arn: String(found["EndpointArn"]),
      status: String(found["EndpointStatus"]),
      config: String(found["EndpointConfigName"]),
      serverless: isRecord(variant) && variant["CurrentServerlessConfig"] !== undefined,
      modified: Number(found["LastModifiedTime"]) * 1000,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const PATIENCE_SECONDS = 90;

/** Waits until it is gone, so that another of its name can be made. */
export async function removeEndpoint(ask: Ask, EndpointName: string): Promise<void> {
  try {
    await ask("DeleteEndpoint", { EndpointName });
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  const until = performance.now() + PATIENCE_SECONDS * 1000;
  for (let pause = 50; performance.now() < until; pause = Math.min(2 * pause, 1000)) {
    if ((await findEndpoint(ask, EndpointName)) === undefined) return;
    await sleep(pause);
  }
  throw new Error(`The endpoint ${EndpointName} is still being deleted; what comes in its place must wait.`);
}

/** AWS: SageMaker says ValidationException "Could not find …" where others say not found. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && /could not find/i.test(error.message);
}
