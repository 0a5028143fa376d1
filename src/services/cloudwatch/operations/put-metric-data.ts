import type { Handlers, InputOf } from "#kernel";
import { invalidCombination, invalidValue, missing, notBuilt, tooManyMetrics } from "../faults.ts";
import { HOUR, merge, seriesKey, toDimensions } from "../series.ts";
import type { CloudWatchContext, CloudWatchTables, Point } from "../state.ts";
import { metricStore } from "../store.ts";

type Input = InputOf<"cloudwatch", "PutMetricData">;
type Datum = NonNullable<Input["MetricData"]>[number];

/** AWS: PutMetricData, API reference. */
const MOST_DATA = 1000;
const MOST_VALUES = 150;
const OLDEST = 14 * 24 * HOUR;
const NEWEST = 2 * HOUR;
/** Of one region: what a caller makes by mistake, with an id for a dimension, must not fill the disk. */
const MOST_SERIES = 10_000;

export const putMetricData = {
  PutMetricData(input, ctx) {
    if (input.EntityMetricData?.length) throw notBuilt("EntityMetricData");
    const data = input.MetricData ?? [];
    if (data.length === 0) throw missing("MetricData");
    if (data.length > MOST_DATA)
      throw invalidValue(`The collection MetricData must not have a size greater than ${MOST_DATA}.`);
    // AWS: its own services' metrics are not put by others.
    if (input.Namespace.startsWith("AWS/")) throw invalidValue("The value AWS/ for parameter Namespace is invalid.");
    // All are checked before one is kept.
    const points = data.map((datum, index) => toPoint(datum, index + 1, ctx));
    const store = metricStore(ctx.kernel);
    assertRoom(points, input.Namespace, ctx);
    for (const { datum, time, point } of points) store.add(ctx.region, seriesOf(input.Namespace, datum), time, point);
    return {};
  },
} satisfies Handlers<"cloudwatch", CloudWatchTables>;

function seriesOf(namespace: string, datum: Datum) {
  return {
    namespace,
    metric: datum.MetricName ?? "",
    dimensions: toDimensions(datum.Dimensions),
    // AWS: a value without a unit has the unit None.
    unit: datum.Unit ?? "None",
  };
}

function assertRoom(points: readonly { readonly datum: Datum }[], namespace: string, ctx: CloudWatchContext): void {
  const store = metricStore(ctx.kernel);
  const keys = new Set(points.map(({ datum }) => seriesKey(seriesOf(namespace, datum))));
  const made = [...keys].filter((key) => !store.isKnown(ctx.region, key)).length;
  if (made > 0 && store.knownIn(ctx.region) + made > MOST_SERIES) throw tooManyMetrics(MOST_SERIES);
}

function toPoint(datum: Datum, number: number, ctx: CloudWatchContext) {
  const at = `MetricData.member.${number}`;
  const now = ctx.now().getTime();
  const time = datum.Timestamp?.getTime() ?? now;
  if (time < now - OLDEST || time > now + NEWEST) {
    throw invalidValue(
      `The parameter ${at}.Timestamp must specify a time within the past two weeks and no more than two hours in the future.`,
    );
  }
  return { datum, time, point: pointOf(datum, at) };
}

function pointOf(datum: Datum, at: string): Point {
  const { Value: value, Values: values, Counts: counts, StatisticValues: set } = datum;
  const given = [value, values, set].filter((one) => one !== undefined).length;
  if (given === 0) throw missing(`${at}.Value`);
  if (given > 1) {
    throw invalidCombination(
      `The parameters ${at}.Value, ${at}.Values and ${at}.StatisticValues are mutually exclusive and you have specified more than one.`,
    );
  }
  if (set) {
    return [
      finite(set.SampleCount, `${at}.StatisticValues.SampleCount`),
      finite(set.Sum, `${at}.StatisticValues.Sum`),
      finite(set.Minimum, `${at}.StatisticValues.Minimum`),
      finite(set.Maximum, `${at}.StatisticValues.Maximum`),
    ];
  }
  if (!values) return one(finite(value, `${at}.Value`), 1);
  if (values.length === 0 || values.length > MOST_VALUES || (counts && counts.length !== values.length)) {
    throw invalidValue(
      `The parameter ${at}.Values must have from 1 to ${MOST_VALUES} values, and as many as ${at}.Counts.`,
    );
  }
  const points = values.map((each, index) => one(finite(each, `${at}.Values`), counts?.[index] ?? 1));
  return points.reduce((sum, point) => merge(sum, point));
}

function one(value: number, count: number): Point {
  return [count, value * count, value, value];
}

function finite(value: number | undefined, parameter: string): number {
  if (value === undefined) throw missing(parameter);
  if (!Number.isFinite(value)) throw invalidValue(`The value ${value} for parameter ${parameter} is invalid.`);
  return value;
}
