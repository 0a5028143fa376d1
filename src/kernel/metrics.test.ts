import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

const name = { region: "us-east-1", namespace: "A", metric: "m", unit: "Count", dimensions: [{ F: "f" }] };

describe("metrics", () => {
  it("gives count, sum, least and most of what was added since the last time, once", () => {
    const metrics = createMetrics();
    const series = metrics.series(name);
    for (const value of [3, -1, 2]) series.add(value);
    expect(metrics.drain()).toEqual([{ of: name, count: 3, sum: 4, least: -1, most: 3 }]);
    expect(metrics.drain()).toEqual([]);
    series.add(0);
    expect(metrics.drain()).toEqual([{ of: name, count: 1, sum: 0, least: 0, most: 0 }]);
  });

  it("says nothing of a series that was silent", () => {
    const metrics = createMetrics();
    metrics.series(name);
    expect(metrics.drain()).toEqual([]);
  });
});
