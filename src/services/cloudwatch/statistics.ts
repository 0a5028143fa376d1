import { notBuilt, validation } from "./faults.ts";
import { merge, MINUTE } from "./series.ts";
import type { Point } from "./state.ts";
import type { Minutes, Span } from "./store.ts";

/** Values by the time at which their period begins. */
export type Values = ReadonlyMap<number, number>;

const STATISTICS = {
  SampleCount: ([count]: Point) => count,
  Sum: ([, sum]: Point) => sum,
  Average: ([count, sum]: Point) => (count === 0 ? 0 : sum / count),
  Minimum: ([, , least]: Point) => least,
  Maximum: ([, , , most]: Point) => most,
};

export type Statistic = keyof typeof STATISTICS;

export function valueOf(point: Point, statistic: Statistic): number {
  return STATISTICS[statistic](point);
}

/** Percentiles and trimmed means need every value; here only their sums are kept. */
export function requireStatistic(name: string): Statistic {
  if (Object.hasOwn(STATISTICS, name)) return name as Statistic;
  if (/^(p|tm|tc|ts|wm|pr|iqm)/i.test(name))
    throw notBuilt(`the statistic ${name}: only the sums of a minute are kept`);
  throw validation(`The parameter Stat must be a statistic. ${name} is none.`);
}

/** AWS: 60 seconds and its multiples; 1, 5, 10, 20 and 30 are for metrics of high resolution, which are kept by the minute here. */
export function requirePeriod(seconds: number | undefined): number {
  if (seconds === undefined) throw validation("The parameter Period is required.");
  if ([1, 5, 10, 20, 30].includes(seconds)) throw notBuilt(`periods below a minute (${seconds} seconds)`);
  if (seconds % 60 !== 0) throw validation("The parameter Period must be a multiple of 60.");
  return seconds * 1000;
}

/** AWS: the beginning of the time range is rounded down to a whole minute, periods are counted from there. GetMetricStatistics, API reference. */
export function byPeriod(all: readonly Minutes[], { from, to }: Span, period: number): Map<number, Point> {
  const start = Math.floor(from / MINUTE) * MINUTE;
  const periods = new Map<number, Point>();
  for (const minutes of all) {
    for (const [time, point] of minutes) {
      if (time < start || time >= to) continue;
      const at = start + Math.floor((time - start) / period) * period;
      periods.set(at, merge(periods.get(at), point));
    }
  }
  return periods;
}

export function valuesOf(periods: ReadonlyMap<number, Point>, statistic: Statistic): Values {
  return new Map([...periods].map(([time, point]) => [time, valueOf(point, statistic)]));
}
