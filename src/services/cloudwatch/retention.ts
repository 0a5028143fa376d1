import type { Kernel } from "#kernel";
import { HOUR, hourKey } from "./series.ts";
import { atWork, metricStore } from "./store.ts";

/** AWS keeps minutes for 15 days, then coarser sums for up to 15 months; here it ends with the minutes. */
const KEPT_HOURS = 15 * 24;

/** Removes, every hour, what is older than that; a metric goes with its last value. */
export function expireMetrics(kernel: Kernel): void {
  const oldest = Math.floor(kernel.clock.now().getTime() / HOUR) - KEPT_HOURS;
  for (const { row } of atWork(kernel, kernel.settings.region).tables.regions.list()) {
    const { tables } = atWork(kernel, row.region);
    for (const { key, row: series } of tables.series.list()) {
      const prefix = hourKey(key, 0).slice(0, -8);
      for (const hour of tables.hours.list({ prefix, before: hourKey(key, oldest) })) tables.hours.delete(hour.key);
      if (series.lastHour >= oldest) continue;
      tables.series.delete(key);
      metricStore(kernel).forget(row.region, key);
    }
  }
}

export function keepRetention(kernel: Kernel): void {
  kernel.tasks.every("cloudwatch: retention", HOUR, () => expireMetrics(kernel));
}
