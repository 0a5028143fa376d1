import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "#core";
import { createKernel, type Kernel } from "#kernel";
import { cloudwatch } from "./index.ts";
import { requirePulse } from "./pulse.ts";
import { expireMetrics } from "./retention.ts";
import { HOUR, MINUTE } from "./series.ts";
import { atWork, metricStore } from "./store.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");
const clock = fixedClock(new Date(NOON));
const of = { namespace: "N", metric: "m", dimensions: { A: "a" } };
const region = "us-east-1";
let home: string;
let kernel: Kernel;

async function open(): Promise<Kernel> {
  const assets = fileURLToPath(new URL("../../..", import.meta.url));
  return createKernel({
    settings: { home, account: "000000000000", region, host: "127.0.0.1", port: 4566, assets },
    services: [cloudwatch],
    clock,
    report: (where, error) => {
      throw new Error(`${where} failed`, { cause: error });
    },
  });
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-cloudwatch-"));
  kernel = await open();
});
afterAll(async () => {
  await kernel.stop();
  await rm(home, { recursive: true });
});

const everything = { from: 0, to: NOON + 1000 * HOUR };
const read = () =>
  metricStore(kernel)
    .read(region, of, everything)
    .map(({ unit, minutes }) => [unit, ...[...minutes].map(([time, point]) => [(time - NOON) / MINUTE, ...point])]);

describe("the store of metrics", () => {
  it("adds up what falls into the same minute, by unit", () => {
    const store = metricStore(kernel);
    store.add(region, { ...of, unit: "Count" }, NOON + 59_999, [1, 5, 5, 5]);
    store.add(region, { ...of, unit: "Count" }, NOON, [2, 3, 1, 2]);
    store.flush();
    store.add(region, { ...of, unit: "Count" }, NOON + 1, [1, 0, 0, 0]);
    store.add(region, { ...of, unit: "Count" }, NOON + 61 * MINUTE, [1, 7, 7, 7]);
    store.add(region, { ...of, unit: "Seconds" }, NOON, [1, 1, 1, 1]);
    expect(read()).toEqual([
      ["Count", [0, 4, 8, 0, 5], [61, 1, 7, 7, 7]],
      ["Seconds", [0, 1, 1, 1, 1]],
    ]);
    expect(metricStore(kernel).read("eu-west-1", of, everything)).toEqual([]);
  });

  it("gives what services counted to the minute in which they did, under each of its dimensions", () => {
    const dimensions = [{ F: "f" }, {}];
    const series = kernel.metrics.series({ region, namespace: "S", metric: "m", unit: "Count", dimensions });
    clock.advance(MINUTE / 2);
    series.add(1);
    clock.advance(MINUTE / 2);
    requirePulse(kernel).catchUp();
    series.add(2);
    clock.advance(MINUTE);
    for (const one of dimensions) {
      const [found] = metricStore(kernel).read(region, { namespace: "S", metric: "m", dimensions: one }, everything);
      expect([...(found?.minutes ?? [])]).toEqual([
        [NOON, [1, 1, 1, 1]],
        [NOON + MINUTE, [1, 2, 2, 2]],
      ]);
    }
  });

  it("is there again after a stop, with what was only in memory", async () => {
    metricStore(kernel).add(region, { ...of, unit: "Count" }, NOON + 2 * MINUTE, [1, 9, 9, 9]);
    await kernel.stop();
    kernel = await open();
    expect(read()[0]).toEqual(["Count", [0, 4, 8, 0, 5], [2, 1, 9, 9, 9], [61, 1, 7, 7, 7]]);
  });

  it("forgets what is older than 15 days, and then the metric", () => {
    clock.advance(15 * 24 * HOUR + 10 * MINUTE);
    expireMetrics(kernel);
    expect(read()).toHaveLength(2);
    clock.advance(HOUR);
    expireMetrics(kernel);
    expect(read()).toEqual([["Count", [61, 1, 7, 7, 7]]]);
    clock.advance(HOUR);
    expireMetrics(kernel);
    expect(atWork(kernel, region).tables.series.count()).toBe(0);
    expect(atWork(kernel, region).tables.hours.count()).toBe(0);
  });
});
