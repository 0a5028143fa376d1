import type { Kernel, Series } from "#kernel";

/** What CloudWatch knows of a function: counted in memory where its invocations come by. */
export interface FunctionCounts {
  /** Milliseconds. */
  readonly durations: Series;
  invoked(failed: boolean): void;
  throttled(): void;
}

/** AWS: "Types of metrics for Lambda functions": by function, by its resource, and over all of the region. */
export function countFunction({ metrics }: Kernel, region: string, FunctionName: string): FunctionCounts {
  const dimensions = [{ FunctionName }, { FunctionName, Resource: FunctionName }, {}];
  const series = (metric: string, unit: string): Series =>
    metrics.series({ region, namespace: "AWS/Lambda", metric, unit, dimensions });
  const invocations = series("Invocations", "Count");
  const errors = series("Errors", "Count");
  const throttles = series("Throttles", "Count");
  return {
    durations: series("Duration", "Milliseconds"),
    invoked(failed) {
      invocations.add(1);
      errors.add(failed ? 1 : 0);
      throttles.add(0);
    },
    throttled: () => throttles.add(1),
  };
}
