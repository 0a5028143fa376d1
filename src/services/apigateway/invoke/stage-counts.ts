import type { Kernel } from "#kernel";

/** What CloudWatch knows of a stage: counted in memory where its requests come by. */
export interface StageCounts {
  /** Once for each request; milliseconds from its first byte to its answer. */
  answered(status: number, latency: number): void;
}

/** AWS: "Amazon API Gateway dimensions and metrics": by API, and by API and stage. */
export function countStage({ metrics }: Kernel, region: string, ApiName: string, Stage: string): StageCounts {
  const dimensions = [{ ApiName }, { ApiName, Stage }];
  const series = (metric: string, unit: string) =>
    metrics.series({ region, namespace: "AWS/ApiGateway", metric, unit, dimensions });
  const requests = series("Count", "Count");
  const clientErrors = series("4XXError", "Count");
  const serverErrors = series("5XXError", "Count");
  const latencies = series("Latency", "Milliseconds");
  return {
    answered(status, latency) {
      requests.add(1);
      clientErrors.add(status >= 400 && status < 500 ? 1 : 0);
      serverErrors.add(status >= 500 ? 1 : 0);
      latencies.add(latency);
    },
  };
}
