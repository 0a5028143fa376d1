import type { Metric, TrainingRequest } from "./state.ts";

type Definitions = NonNullable<TrainingRequest["AlgorithmSpecification"]["MetricDefinitions"]>;

/** Finds the metrics in a job's lines; the last value of each stays. */
export interface MetricReader {
  read(line: string, at: number): void;
  found(): Metric[];
}

/** A hopeless expression must not hold the server up for long. */
const LONGEST_LINE = 4000;

export function readMetrics(definitions: Definitions | undefined, builtIn: boolean): MetricReader {
  const patterns = (definitions ?? []).map(({ Name, Regex }) => ({
    name: Name ?? "",
    pattern: new RegExp(Regex ?? ""),
  }));
  const last = new Map<string, Metric>();
  const take = (name: string, text: string | undefined, at: number) => {
    const value = Number(text);
    if (text !== undefined && text !== "" && Number.isFinite(value)) last.set(name, { name, value, at });
  };
  return {
    read(line, at) {
      if (line.length > LONGEST_LINE) return;
      for (const { name, pattern } of patterns) take(name, pattern.exec(line)?.[1], at);
      if (builtIn) for (const [name, text] of builtInMetrics(line)) take(name, text, at);
    },
    found: () => [...last.values()],
  };
}

/** AWS: the built-in algorithms come with definitions of their own: `[0]#011train-rmse:1.5` is `train:rmse`. */
function builtInMetrics(line: string): [string, string][] {
  if (/^\[\d+\]#011/.test(line)) {
    return [...line.matchAll(/#011(train|validation)-([\w@.-]+):([-+\w.]+)/g)].map(([, data, metric, value]) => [
      `${data}:${metric}`,
      value ?? "",
    ]);
  }
  const [, data, metric, value] =
    /^#quality_metric: host=\S+, (?:epoch=\d+, )?(train|validation) (\w+) <(?:score|loss)>=(\S+)/.exec(line) ?? [];
  return data === undefined ? [] : [[`${data}:${metric}`, value ?? ""]];
}
