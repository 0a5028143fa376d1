import { describe, expect, it } from "vitest";
import { decide, type Demand } from "./capacity.ts";

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const target = { minimum: 1, maximum: 10, suspended: { in: false, out: false, scheduled: false } };
const demand = (over: Partial<Demand>): Demand => ({
  high: false,
  low: false,
  target: 100,
  latest: 0,
  highest: 0,
  outCooldown: 5 * MINUTE,
  inCooldown: 5 * MINUTE,
  ...over,
});
const high = (latest: number) => demand({ high: true, latest, highest: latest });
const low = (highest: number) => demand({ low: true, latest: highest, highest });

describe("the capacity that target tracking wants", () => {
  it("follows the metric in proportion, rounded up, up to the maximum", () => {
    expect(decide(2, [high(150)], target, NOW)).toMatchObject({ capacity: 3, direction: "out" });
    expect(decide(2, [high(151)], target, NOW)).toMatchObject({ capacity: 4 });
    expect(decide(2, [high(9000)], target, NOW)).toMatchObject({ capacity: 10 });
    expect(decide(10, [high(9000)], target, NOW)).toBeUndefined();
  });

  it("waits for the alarm", () => {
    expect(decide(2, [demand({ latest: 500, highest: 500 })], target, NOW)).toBeUndefined();
  });

  it("within the cooldown grows only by more than was added", () => {
    const scaled = { ...target, scaledOut: { at: NOW - MINUTE, from: 2 } };
    expect(decide(4, [high(200)], scaled, NOW)).toBeUndefined();
    expect(decide(4, [high(300)], scaled, NOW)).toMatchObject({ capacity: 6, from: 2 });
    expect(decide(4, [high(200)], scaled, NOW + 5 * MINUTE)).toMatchObject({ capacity: 8, from: 4 });
  });

  it("shrinks to what the highest minute needs, not below the minimum, after the cooldown", () => {
    expect(decide(8, [low(50)], target, NOW)).toMatchObject({ capacity: 4, direction: "in" });
    expect(decide(8, [low(0)], { ...target, minimum: 3 }, NOW)).toMatchObject({ capacity: 3 });
    expect(decide(8, [low(50)], { ...target, scaledInAt: NOW - 4 * MINUTE }, NOW)).toBeUndefined();
    expect(decide(8, [low(50)], { ...target, scaledOut: { at: NOW - 4 * MINUTE, from: 1 } }, NOW)).toBeUndefined();
    expect(decide(2, [low(89)], target, NOW)).toBeUndefined();
  });

  it("of several policies takes the largest; all must agree to shrink", () => {
    expect(decide(2, [high(150), high(400), low(1)], target, NOW)).toMatchObject({ capacity: 8, by: 1 });
    expect(decide(8, [low(10), low(50)], target, NOW)).toMatchObject({ capacity: 4, by: 1 });
    expect(decide(8, [low(10), demand({})], target, NOW)).toBeUndefined();
  });

  it("does neither while it is suspended", () => {
    expect(decide(2, [high(500)], { ...target, suspended: { ...target.suspended, out: true } }, NOW)).toBeUndefined();
    expect(decide(8, [low(5)], { ...target, suspended: { ...target.suspended, in: true } }, NOW)).toBeUndefined();
  });
});
