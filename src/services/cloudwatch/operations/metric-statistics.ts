import type { Handlers } from "#kernel";
import { invalidCombination, invalidValue, missing, notBuilt } from "../faults.ts";
import { requirePulse } from "../pulse.ts";
import { toDimensions } from "../series.ts";
import { byPeriod, requirePeriod, requireStatistic, valueOf } from "../statistics.ts";
import type { CloudWatchTables } from "../state.ts";
import { metricStore } from "../store.ts";

/** AWS: GetMetricStatistics, API reference. */
const MOST_DATAPOINTS = 1440;

export const metricStatistics = {
  GetMetricStatistics(input, ctx) {
    const [from, to] = [input.StartTime.getTime(), input.EndTime.getTime()];
    if (from >= to) throw invalidValue("The parameter StartTime must be less than the parameter EndTime.");
    if (input.ExtendedStatistics?.length) throw notBuilt("percentiles: only the sums of a minute are kept");
    if (!input.Statistics?.length) throw missing("Statistics");
    const statistics = input.Statistics.map(requireStatistic);
    const period = requirePeriod(input.Period);
    const asked = Math.ceil((to - from) / period);
    if (asked > MOST_DATAPOINTS) {
      throw invalidCombination(
        `You have requested up to ${asked.toLocaleString("en")} datapoints, which exceeds the limit of ${MOST_DATAPOINTS.toLocaleString("en")}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      );
    }
    requirePulse(ctx.kernel).catchUp();
    const metric = { namespace: input.Namespace, metric: input.MetricName, dimensions: toDimensions(input.Dimensions) };
    const units = metricStore(ctx.kernel)
      .read(ctx.region, metric, { from: from - (from % 60_000), to })
      .filter(({ unit }) => input.Unit === undefined || unit === input.Unit);
    return {
      Label: input.MetricName,
      Datapoints: units.flatMap(({ unit, minutes }) =>
        [...byPeriod([minutes], { from, to }, period)].map(([time, point]) => ({
          Timestamp: new Date(time),
          ...Object.fromEntries(statistics.map((statistic) => [statistic, valueOf(point, statistic)])),
          Unit: unit as "None",
        })),
      ),
    };
  },
} satisfies Handlers<"cloudwatch", CloudWatchTables>;
