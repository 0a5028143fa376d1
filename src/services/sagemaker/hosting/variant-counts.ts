import type { Kernel, Series } from "#kernel";

/** What CloudWatch knows of a variant: counted in memory where its requests come by. */
export interface VariantCounts {
  /** How many instances share the requests, as far as the metrics are concerned. */
  instances: number;
  /** Once for each request that reached the model; times in milliseconds. */
  answered(status: number, model: number, overhead: number): void;
  /** AWS: a variant without traffic says so, which is what lets it scale in. Developer guide, "Auto scaling prerequisites". */
  tellSilence(): void;
}

interface Place {
  readonly kernel: Kernel;
  readonly region: string;
}

/** AWS: "Amazon SageMaker AI metrics in Amazon CloudWatch", endpoint invocation metrics. */
export function countVariant({ kernel, region }: Place, EndpointName: string, of: Counted): VariantCounts {
  const dimensions = [{ EndpointName, VariantName: of.name }];
  const series = (metric: string, unit: string): Series =>
    kernel.metrics.series({ region, namespace: "AWS/SageMaker", metric, unit, dimensions });
  const invocations = series("Invocations", "None");
  const perInstance = series("InvocationsPerInstance", "None");
  const clientErrors = series("Invocation4XXErrors", "None");
  const serverErrors = series("Invocation5XXErrors", "None");
  const modelErrors = series("InvocationModelErrors", "None");
  const modelLatency = series("ModelLatency", "Microseconds");
  const overheadLatency = series("OverheadLatency", "Microseconds");
  return {
    instances: Math.max(1, of.instances),
    answered(status, model, overhead) {
      const [client, server] = [status >= 400 && status < 500, status >= 500 || status === 0];
      invocations.add(1);
      perInstance.add(1 / this.instances);
      clientErrors.add(client ? 1 : 0);
      serverErrors.add(server ? 1 : 0);
      modelErrors.add(status >= 200 && status <= 299 ? 0 : 1);
      modelLatency.add(model * 1000);
      overheadLatency.add(overhead * 1000);
    },
    tellSilence() {
      if (!invocations.silent) return;
      invocations.add(0);
      if (!of.serverless) perInstance.add(0);
    },
  };
}

interface Counted {
  readonly name: string;
  readonly instances: number;
  readonly serverless?: unknown;
}
