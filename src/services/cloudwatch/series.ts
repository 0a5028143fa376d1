import { tableKey } from "#kernel";
import type { Point, SeriesRow } from "./state.ts";

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** What tells one metric from another; without a unit, all units of it. */
export interface MetricId {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The prefix that all units of a metric share. */
export function metricPrefix({ namespace, metric, dimensions }: MetricId): string {
  return tableKey(namespace, metric, toDimensionText(dimensions), "");
}

export function seriesKey(of: MetricId & Pick<SeriesRow, "unit">): string {
  return metricPrefix(of) + of.unit;
}

export function hourKey(series: string, hour: number): string {
  return tableKey(series, String(Math.max(0, hour)).padStart(8, "0"));
}

export function merge(a: Point | undefined, b: Point): Point {
  if (!a) return b;
  return [a[0] + b[0], a[1] + b[1], Math.min(a[2], b[2]), Math.max(a[3], b[3])];
}

type Named = { readonly Name: string | undefined; readonly Value: string | undefined };

export function toDimensions(given: readonly Named[] | undefined): Record<string, string> {
  return Object.fromEntries((given ?? []).map(({ Name, Value }) => [Name ?? "", Value ?? ""]));
}

export function fromDimensions(dimensions: Readonly<Record<string, string>>): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** Their order says nothing. */
function toDimensionText(dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
