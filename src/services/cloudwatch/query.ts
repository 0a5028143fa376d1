import type { InputOf } from "#kernel";
import { evaluate, parseExpression } from "./expression.ts";
import { notBuilt, validation } from "./faults.ts";
import { toDimensions } from "./series.ts";
import { byPeriod, requirePeriod, requireStatistic, type Values, valuesOf } from "./statistics.ts";
import type { CloudWatchContext } from "./state.ts";
import { metricStore, type Span } from "./store.ts";

export type MetricQuery = NonNullable<InputOf<"cloudwatch", "GetMetricData">["MetricDataQueries"]>[number];

/** One line of what GetMetricData answers. */
export interface QueryResult {
  readonly id: string;
  readonly label: string;
  readonly values: Values;
}

/** Checks every query before any is answered, and answers them: metrics first, then what is computed from them. */
export function runQueries(
  ctx: Pick<CloudWatchContext, "kernel" | "region">,
  queries: readonly MetricQuery[],
  span: Span,
): QueryResult[] {
  assertQueries(queries);
  const done = new Map<string, Values>();
  const periods = new Map<string, number>();
  for (const { Id: id = "", MetricStat: stat } of queries) {
    if (!stat) continue;
    const period = requirePeriod(stat.Period);
    periods.set(id, period);
    done.set(id, readStatistic(ctx, toSelection(stat), span));
  }
  const period = Math.min(...periods.values());
  for (const { Id: id = "", Expression: text } of inOrder(queries)) {
    done.set(id, evaluate(text ?? "", { values: done, period, span }));
  }
  return queries.flatMap((query) => {
    if (query.ReturnData === false) return [];
    const id = query.Id ?? "";
    return [{ id, label: query.Label ?? labelOf(query), values: done.get(id) ?? new Map<number, number>() }];
  });
}

export interface Selection {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly period: number;
  readonly unit?: string;
}

/** A statistic of one metric by periods; of all its units when none is given. */
export function readStatistic(
  { kernel, region }: Pick<CloudWatchContext, "kernel" | "region">,
  selection: Selection,
  span: Span,
): Values {
  const units = metricStore(kernel)
    .read(region, selection, { from: span.from - (span.from % 60_000), to: span.to })
    .filter(({ unit }) => selection.unit === undefined || unit === selection.unit);
  const periods = byPeriod(
    units.map(({ minutes }) => minutes),
    span,
    selection.period,
  );
  return valuesOf(periods, requireStatistic(selection.statistic));
}

export function toSelection(stat: NonNullable<MetricQuery["MetricStat"]>): Selection {
  const { Metric: metric, Stat: statistic = "", Unit: unit } = stat;
  return {
    namespace: metric?.Namespace ?? "",
    metric: metric?.MetricName ?? "",
    dimensions: toDimensions(metric?.Dimensions),
    statistic,
    period: requirePeriod(stat.Period),
    ...(unit !== undefined && { unit }),
  };
}

export function assertQueries(queries: readonly MetricQuery[]): void {
  const ids = new Set<string>();
  for (const { Id: id = "", MetricStat: stat, Expression: text, AccountId: account, Label: label } of queries) {
    // AWS: the sentences as users of GetMetricData report them in public.
    if (!/^[a-z]\w*$/.test(id))
      throw validation(`The value ${id} for parameter Id is not valid: it begins with a lower-case letter.`);
    if (ids.has(id)) throw validation(`The values for parameter id in MetricDataQueries are not unique: ${id}.`);
    ids.add(id);
    if ((stat === undefined) === (text === undefined))
      throw validation("Exactly one of MetricStat and Expression must be given in each MetricDataQuery.");
    if (label?.includes("${")) throw notBuilt("dynamic labels");
    if (account !== undefined) throw notBuilt("metrics of other accounts (AccountId)");
    if (stat) requireStatistic(toSelection(stat).statistic);
  }
  for (const { Expression: text } of queries) {
    for (const name of text === undefined ? [] : parseExpression(text).names)
      if (!ids.has(name)) throw validation(`Undefined metric expression id: ${name}.`);
  }
}

/** Expressions after those that they name. */
function inOrder(queries: readonly MetricQuery[]): MetricQuery[] {
  const left = new Map(
    queries.flatMap((query) => (query.Expression === undefined ? [] : [[query.Id, query] as const])),
  );
  const sorted: MetricQuery[] = [];
  while (left.size > 0) {
    const ready = [...left.values()].filter(
      ({ Expression: text = "" }) => !parseExpression(text).names.some((name) => left.has(name)),
    );
    if (ready.length === 0) throw validation("The expressions refer to each other in a circle.");
    for (const query of ready) {
      sorted.push(query);
      left.delete(query.Id);
    }
  }
  return sorted;
}

function labelOf({ MetricStat: stat, Id: id }: MetricQuery): string {
  return stat?.Metric?.MetricName ?? id ?? "";
}
