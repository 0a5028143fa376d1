import { type Handlers, tableKey } from "#kernel";
import { notBuilt, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import { requirePulse } from "../pulse.ts";
import { runQueries } from "../query.ts";
import { fromDimensions, HOUR, metricPrefix } from "../series.ts";
import type { CloudWatchTables, SeriesRow } from "../state.ts";
import { metricStore } from "../store.ts";

/** AWS: ListMetrics and GetMetricData, API reference. */
const METRICS_A_PAGE = 500;
const LISTED_HOURS = 14 * 24;
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

export const metrics = {
  ListMetrics(input, ctx) {
    if (input.IncludeLinkedAccounts || input.OwningAccount !== undefined) throw notBuilt("metrics of other accounts");
    requirePulse(ctx.kernel).catchUp();
    metricStore(ctx.kernel).flush();
    const newest = Math.floor(ctx.now().getTime() / HOUR);
    const oldest = newest - (input.RecentlyActive === "PT3H" ? 3 : LISTED_HOURS);
    const prefix = input.Namespace === undefined ? "" : tableKey(input.Namespace, "");
    const found = ctx.tables.series
      .list({ prefix })
      .map(({ row }) => row)
      .filter(
        (row) =>
          row.lastHour >= oldest &&
          (input.MetricName === undefined || row.metric === input.MetricName) &&
          hasDimensions(row, input.Dimensions),
      );
    // A metric is one, whatever the units that were used.
    const distinct = new Map(found.map((row) => [metricPrefix(row), row]));
    const { rows, next } = pageOf([...distinct.values()], input.NextToken, METRICS_A_PAGE);
    return {
      Metrics: rows.map((row) => ({
        Namespace: row.namespace,
        MetricName: row.metric,
        Dimensions: fromDimensions(row.dimensions),
      })),
      ...next,
    };
  },

  GetMetricData(input, ctx) {
    const [from, to] = [input.StartTime.getTime(), input.EndTime.getTime()];
    if (from >= to) throw validation("The parameter EndTime must be greater than StartTime.");
    if (input.MetricDataQueries.length > MOST_QUERIES)
      throw validation(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`);
    requirePulse(ctx.kernel).catchUp();
    const oldestFirst = input.ScanBy === "TimestampAscending";
    const results = runQueries(ctx, input.MetricDataQueries, { from, to }).map((result) => ({
      ...result,
      points: [...result.values].toSorted(([a], [b]) => (oldestFirst ? a - b : b - a)),
    }));
    const all = results.flatMap(({ points }, index) => points.map((point) => ({ index, point })));
    const { rows, next } = pageOf(
      all,
      input.NextToken,
      Math.min(input.MaxDatapoints ?? MOST_DATAPOINTS, MOST_DATAPOINTS),
    );
    return {
      MetricDataResults: results.map(({ id, label }, index) => {
        const own = rows.filter((row) => row.index === index).map(({ point }) => point);
        return {
          Id: id,
          Label: label,
          Timestamps: own.map(([time]) => new Date(time)),
          Values: own.map(([, value]) => value),
          StatusCode: next.NextToken === undefined ? ("Complete" as const) : ("PartialData" as const),
        };
      }),
      Messages: [],
      ...next,
    };
  },
} satisfies Handlers<"cloudwatch", CloudWatchTables>;

type Filters = readonly { readonly Name: string | undefined; readonly Value?: string | undefined }[] | undefined;

function hasDimensions({ dimensions }: SeriesRow, wanted: Filters): boolean {
  return (wanted ?? []).every(({ Name: name = "", Value: value }) =>
    value === undefined ? name in dimensions : dimensions[name] === value,
  );
}
