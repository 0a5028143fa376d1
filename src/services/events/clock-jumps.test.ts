import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fixedClock } from "#core";
import { createKernel, type Kernel, rootPrincipal } from "#kernel";
import { services } from "../index.ts";
import { isDue } from "./delivery.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const clock = fixedClock("2026-01-01T00:00:00Z");
let home: string;
let kernel: Kernel;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "cauce-clock-"));
  kernel = await createKernel({
    settings: { home, account: "000000000000", region: "us-east-1", host: "127.0.0.1", port: 0, assets: resolve("") },
    services: services.filter(({ name }) => name === "events" || name === "iam" || name === "sts"),
    clock,
    report: () => {},
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await kernel.stop();
  rmSync(home, { recursive: true, force: true });
});

test("a schedule fires once after a jump ahead, and within minutes after a jump back", async () => {
  const { call } = kernel.context("events", rootPrincipal("000000000000"));
  const ran = vi.spyOn(kernel.tasks, "run");
  const fired = () => ran.mock.calls.filter(([name]) => name === "events schedule every").length;
  await call("events", "PutRule", { Name: "every", ScheduleExpression: "rate(1 minute)" });
  const pass = () => {
    clock.advance(MINUTE);
    vi.advanceTimersByTime(MINUTE);
  };
  pass();
  expect(fired()).toBe(1);
  clock.advance(30 * DAY);
  pass();
  expect(fired()).toBe(2);
  clock.advance(-40 * DAY);
  for (let i = 0; i < 3; i++) pass();
  expect(fired()).toBeGreaterThanOrEqual(4);
  expect(fired()).toBeLessThanOrEqual(5);
});

test("a delivery that waits is not put off by a jump back", () => {
  expect(isDue({ due: 1000 }, 1000)).toBe(true);
  expect(isDue({ due: 1000 + MINUTE }, 1000)).toBe(false);
  expect(isDue({ due: 1000 + DAY }, 1000)).toBe(true);
});
