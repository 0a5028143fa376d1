import type { Ask } from "./retry.ts";

export interface EndpointNow {
  readonly arn: string;
  readonly status: string;
  readonly config: string;
}

export async function findEndpoint(ask: Ask, EndpointName: string): Promise<EndpointNow | undefined> {
  try {
    const found = await ask("DescribeEndpoint", { EndpointName });
    return {
      arn: String(found["EndpointArn"]),
      status: String(found["EndpointStatus"]),
      config: String(found["EndpointConfigName"]),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** AWS: SageMaker says ValidationException "Could not find …" where others say not found. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && /could not find/i.test(error.message);
}
