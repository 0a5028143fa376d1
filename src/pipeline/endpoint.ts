import { type Clients, isAwsError } from "#aws";

export interface EndpointNow {
  readonly status: string;
  readonly config: string;
  readonly serverless: boolean;
  readonly failureReason: string | undefined;
}

export async function findEndpoint(aws: Clients, EndpointName: string): Promise<EndpointNow | undefined> {
  try {
    const found = await (await aws.sagemaker()).describeEndpoint({ EndpointName });
    return {
      status: found.EndpointStatus ?? "",
      config: found.EndpointConfigName ?? "",
      serverless: found.ProductionVariants?.[0]?.CurrentServerlessConfig !== undefined,
      failureReason: found.FailureReason,
    };
  } catch (error) {
    // AWS: SageMaker says ValidationException "Could not find endpoint" where others say not found.
    if (isAwsError(error, "ValidationException") && /could not find/i.test(error.message)) return undefined;
    throw error;
  }
}
