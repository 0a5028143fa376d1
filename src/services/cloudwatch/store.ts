import { type Kernel, type Live, rootPrincipal } from "#kernel";
import { HOUR, hourKey, merge, MINUTE, type MetricId, metricPrefix, seriesKey } from "./series.ts";
import type { CloudWatchContext, HourRow, Point, SeriesRow } from "./state.ts";

/** What was measured: first in memory, then in rows. A reader sees both. */
export interface MetricStore {
  /** `time` in milliseconds since the epoch. */
  add(region: string, series: MetricId & { readonly unit: string }, time: number, point: Point): void;
  /** Writes what is in memory, and what the services have counted since the last time. */
  flush(): void;
  /** Whether `series` is new in its region, where only so many are kept. */
  isKnown(region: string, series: string): boolean;
  knownIn(region: string): number;
  /** Every unit of a metric within [from, to), by minute. */
  read(region: string, metric: MetricId, span: Span): { readonly unit: string; readonly minutes: Minutes }[];
  forget(region: string, series: string): void;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** By the time at which the minute begins. */
export type Minutes = ReadonlyMap<number, Point>;

export function metricStore(kernel: Kernel): MetricStore {
  return kernel.live(definition);
}

/** A context for work that no request asks for. */
export function atWork(kernel: Kernel, region: string): CloudWatchContext {
  const { account } = kernel.settings;
  return kernel.context("cloudwatch", rootPrincipal(account), region) as unknown as CloudWatchContext;
}

const definition: Live<MetricStore & { dispose(): void }> = {
  name: "cloudwatch.store",
  create: createStore,
  dispose: (store) => store.dispose(),
};

/** How long a value that a client put waits for others, and how many wait at most. */
const WRITE_PAUSE = 1000;
const MOST_PENDING = 5000;
/** Beyond this the machine slept: what was counted belongs to now. */
const LONGEST_DRAIN = 2 * MINUTE;

interface Pending {
  readonly region: string;
  readonly of: MetricId & { readonly unit: string };
  readonly hours: Map<number, Map<number, Point>>;
}

function createStore(kernel: Kernel): MetricStore & { dispose(): void } {
  const pending = new Map<string, Pending>();
  const known = new Map<string, Map<string, number>>();
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let drained = kernel.clock.now().getTime();

  const seriesOf = (region: string): Map<string, number> => {
    const found = known.get(region);
    if (found) return found;
    const rows = atWork(kernel, region).tables.series.list();
    const made = new Map(rows.map(({ key, row }) => [key, row.lastHour]));
    known.set(region, made);
    return made;
  };

  const remember: MetricStore["add"] = (region, of, time, point) => {
    const key = seriesKey(of);
    const id = `${region} ${key}`;
    let one = pending.get(id);
    if (!one) pending.set(id, (one = { region, of, hours: new Map() }));
    const hour = Math.floor(time / HOUR);
    const minute = Math.floor((time % HOUR) / MINUTE);
    const minutes = one.hours.get(hour) ?? new Map<number, Point>();
    one.hours.set(hour, minutes.set(minute, merge(minutes.get(minute), point)));
    waiting++;
  };

  const drain = (): void => {
    const now = kernel.clock.now().getTime();
    const time = now < drained || now - drained > LONGEST_DRAIN ? now : drained;
    drained = now;
    for (const { of, count, sum, least, most } of kernel.metrics.drain()) {
      const { region, namespace, metric, unit } = of;
      for (const dimensions of of.dimensions)
        remember(region, { namespace, metric, unit, dimensions }, time, [count, sum, least, most]);
    }
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    drain();
    for (const one of pending.values()) write(kernel, one, seriesOf(one.region));
    pending.clear();
    waiting = 0;
  };

  return {
    add(region, of, time, point) {
      remember(region, of, time, point);
      if (waiting >= MOST_PENDING) return flush();
      timer ??= setTimeout(flush, WRITE_PAUSE).unref();
    },
    flush,
    isKnown: (region, series) => seriesOf(region).has(series) || pending.has(`${region} ${series}`),
    knownIn: (region) => seriesOf(region).size + pending.size,
    read(region, metric, span) {
      flush();
      return readUnits(atWork(kernel, region), metric, span);
    },
    forget: (region, series) => void known.get(region)?.delete(series),
    dispose: flush,
  };
}

function write(kernel: Kernel, { region, of, hours }: Pending, known: Map<string, number>): void {
  const { tables } = atWork(kernel, region);
  const key = seriesKey(of);
  for (const [hour, minutes] of hours) {
    const at = hourKey(key, hour);
    const row: Record<string, Point> = { ...tables.hours.get(at)?.minutes };
    for (const [minute, point] of minutes) row[minute] = merge(row[minute], point);
    tables.hours.put(at, { minutes: row });
  }
  const lastHour = Math.max(...hours.keys());
  const before = known.get(key);
  if (before !== undefined && before >= lastHour) return;
  if (known.size === 0) tables.regions.put(region, { region });
  known.set(key, lastHour);
  tables.series.put(key, { ...of, lastHour });
}

function readUnits({ tables }: CloudWatchContext, metric: MetricId, span: Span) {
  return tables.series.list({ prefix: metricPrefix(metric) }).map(({ key, row }) => {
    const range = {
      prefix: hourKey(key, 0).slice(0, -8),
      after: hourKey(key, Math.floor(span.from / HOUR) - 1),
      before: hourKey(key, Math.ceil(span.to / HOUR)),
    };
    const minutes = new Map<number, Point>();
    for (const hour of tables.hours.list(range)) collect(minutes, Number(hour.key.slice(-8)) * HOUR, hour.row, span);
    return { unit: (row satisfies SeriesRow).unit, minutes: minutes as Minutes };
  });
}

function collect(into: Map<number, Point>, start: number, { minutes }: HourRow, { from, to }: Span): void {
  for (const [minute, point] of Object.entries(minutes)) {
    const time = start + Number(minute) * MINUTE;
    if (time >= from && time < to) into.set(time, point);
  }
}
