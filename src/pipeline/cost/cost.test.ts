import { describe, expect, it } from "vitest";
import { resolveProject } from "../validate.ts";
import { dollars, unitPrice } from "./cost.ts";
import { hostCost } from "./host-cost.ts";
import { PRICES } from "./price-table.ts";
import { priceOf } from "./prices.ts";
import { foreseenCost } from "./project-cost.ts";

const churn = (deploy: object, more: object = {}) =>
  resolveProject({ name: "churn", data: { source: "customers.xlsx", target: "Churn" }, deploy, ...more });
const amounts = (deploy: object, region = "us-east-1") =>
  Object.fromEntries(
    foreseenCost(churn(deploy), region).month.lines.map(({ what, amount }) => [what.replace(/,.*/, ""), amount]),
  );

describe("what a project costs", () => {
  it("is hours times price for an endpoint, and says what it would cost otherwise", () => {
    const { month, run, warnings } = foreseenCost(churn({ instances: 2 }), "us-east-1");
    const [endpoint] = month.lines;
    expect(endpoint).toMatchObject({ quantity: 1460, unit: "hours", price: { usd: 0.115 }, idle: true });
    expect(endpoint?.amount).toBeCloseTo(167.9);
    expect(month.total).toBeCloseTo(month.lines.reduce((sum, { amount = 0 }) => sum + amount, 0));
    expect(warnings).toEqual([
      expect.stringMatching(
        /1460 hours × \$0.115 = \$167.90 .*serverless.*\$0\.99.*lambda.*\$0\.06.*maxIdle: "1 hour"/,
      ),
    ]);
    expect(run.lines.map(({ what }) => what)).toEqual([
      expect.stringContaining("prepare, processing"),
      expect.stringContaining("train, training"),
      expect.stringContaining("evaluate, processing"),
      expect.stringContaining("Lambda"),
      expect.stringContaining("S3"),
    ]);
    expect(run.lines[1]?.amount).toBeCloseTo((300 / 3600) * 0.115);
  });

  it("has nothing that runs idle where the model is inside the function, but what is stored", () => {
    const { month, warnings } = foreseenCost(churn({ on: "lambda", memory: 1024 }), "us-east-1");
    expect(month.lines.filter(({ idle }) => idle).map(({ what }) => what)).toEqual([expect.stringContaining("S3")]);
    expect(month.lines.find(({ unit }) => unit === "GB-s")?.quantity).toBe(100_000 * 0.05);
    expect(warnings).toEqual([]);
  });

  it("is the price of a second for each request to a serverless endpoint; of memory without a sourced price it is unknown", () => {
    expect(amounts({ on: "serverless" })["SageMaker: serverless"]).toBeCloseTo(100_000 * 0.2 * 0.000_04);
    const { month } = foreseenCost(churn({ on: "serverless", memory: 6144 }), "us-east-1");
    expect(month.lines[0]).not.toHaveProperty("amount");
    expect(month.unknown).toContain("SageMaker: serverless, 6144 MB for 0.2 s");
  });

  it("counts the hours until an endpoint is removed, and the fewest instances of one that scales", () => {
    expect(amounts({ maxIdle: "2 hours" })["SageMaker: endpoint"]).toBeCloseTo(22 * 10 * 0.115);
    expect(amounts({ maxIdle: "2 days" })["SageMaker: endpoint"]).toBeCloseTo(22 * 24 * 0.115);
    const scaled = foreseenCost(churn({ instances: { min: 2, max: 4 }, invocationsPerInstance: 100 }), "us-east-1");
    expect(scaled.month.lines[0]?.quantity).toBe(1460);
    expect(scaled.warnings[0]).toContain("Scaled to 4 instances it costs up to $335.80");
  });

  it("offers no function for a model of the project's own program", () => {
    const own = foreseenCost(churn({}, { train: { script: "train.py" } }), "us-east-1");
    expect(own.warnings[0]).not.toContain("lambda");
    expect(own.warnings[0]).toContain("serverless");
  });

  it("takes the price of the region, else that of us-east-1 and says so, else none", () => {
    expect(priceOf("hosting ml.m5.large", "eu-central-1")).toMatchObject({ usd: 0.138 });
    expect(priceOf("hosting ml.m5.large", "eu-central-1")).not.toHaveProperty("of");
    expect(priceOf("hosting ml.m5.large", "us-east-2")).toMatchObject({ usd: 0.115, of: "us-east-1" });
    expect(priceOf("hosting ml.p5.48xlarge", "us-east-1")).toBeUndefined();
  });

  it("knows a batch transform where a source gives its price, and guesses none by what serving costs", () => {
    expect(priceOf("transform ml.g4dn.xlarge", "eu-west-3")).toMatchObject({ usd: 0.861, date: "2026-10-04" });
    expect(priceOf("transform ml.m5.large", "us-east-1")).toBeUndefined();
    const { predict } = foreseenCost(churn({}), "eu-west-3");
    expect(predict.unknown).toEqual([expect.stringContaining("batch transform on ml.m5.large")]);
  });

  it("is known of one instance too", () => {
    expect(hostCost({ region: "us-east-1" }).total).toBeCloseTo(730 * 0.0104 + 32 * 0.08 + 730 * 0.005 + 0.023);
    expect(hostCost({ region: "us-east-1", type: "t2.micro" }).lines[0]?.amount).toBeCloseTo(8.468);
    expect(hostCost({ region: "us-east-1", type: "x9.large" }).unknown).toEqual(["EC2: x9.large"]);
  });
});

it("has one price for each thing of a region, with when and where it was read", () => {
  for (const rows of Object.values(PRICES)) {
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
    for (const [, usd, date, source] of rows) {
      expect(usd).toBeGreaterThan(0);
      expect(date).toMatch(/^(20\d\d(-\d\d){1,2}|undated)$/);
      expect(source.length).toBeGreaterThan(10);
    }
  }
});

it("writes dollars as prices are written", () => {
  expect([0, 83.95, 0.5, 0.115, 0.0000166667, 167.9, undefined].map(dollars)).toEqual([
    "$0",
    "$83.95",
    "$0.50",
    "$0.115",
    "$0.0000167",
    "$167.90",
    "unknown",
  ]);
});

it("writes the price of a unit with all of its digits", () => {
  expect([0.5, 0.115, 0.093_12, 0.000_016_666_7, 0.000_000_2, 0.0104, 0.005].map(unitPrice)).toEqual([
    "$0.50",
    "$0.115",
    "$0.09312",
    "$0.0000166667",
    "$0.0000002",
    "$0.0104",
    "$0.005",
  ]);
});
