import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let cloudwatch: CloudWatch;
const MINUTE = 60_000;
/** A full minute, some time ago. */
const start = new Date(Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE);
const after = (minutes: number) => new Date(start.getTime() + minutes * MINUTE);
const Dimensions = [
  { Name: "Shop", Value: "one" },
  { Name: "Till", Value: "2" },
];

beforeAll(async () => {
  cauce = await startCauce();
  cloudwatch = new CloudWatch(cauce.client);
  await cloudwatch.putMetricData({
    Namespace: "Shop",
    MetricData: [
      { MetricName: "Sold", Dimensions, Timestamp: start, Value: 3, Unit: "Count" },
      { MetricName: "Sold", Dimensions, Timestamp: start, Values: [1, 5], Counts: [2, 1], Unit: "Count" },
      { MetricName: "Sold", Dimensions: Dimensions.toReversed(), Timestamp: after(2), Value: 7, Unit: "Count" },
      { MetricName: "Asked", Dimensions, Timestamp: start, Value: 20 },
      {
        MetricName: "Wait",
        Timestamp: after(1),
        StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4 },
        Unit: "Seconds",
      },
    ],
  });
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

const metricStat = (Stat: string, Period = 60, MetricName = "Sold") => ({
  Metric: { Namespace: "Shop", MetricName, Dimensions },
  Period,
  Stat,
});
const query = async (
  ...MetricDataQueries: NonNullable<Parameters<typeof cloudwatch.getMetricData>[0]["MetricDataQueries"]>
) => {
  const range = { StartTime: start, EndTime: after(5), ScanBy: "TimestampAscending" as const };
  const { MetricDataResults } = await cloudwatch.getMetricData({ ...range, MetricDataQueries });
  return Object.fromEntries(
    (MetricDataResults ?? []).map(({ Id, Timestamps, Values }) => [
      Id,
      (Timestamps ?? []).map((time, index) => [(time.getTime() - start.getTime()) / MINUTE, Values?.[index]]),
    ]),
  );
};

describe("what was put", () => {
  it("is listed once, by namespace, name and dimensions", async () => {
    const { Metrics } = await cloudwatch.listMetrics({ Namespace: "Shop" });
    expect(Metrics?.map(({ MetricName }) => MetricName).toSorted()).toEqual(["Asked", "Sold", "Wait"]);
    const listed = await cloudwatch.listMetrics({ MetricName: "Sold", Dimensions: [{ Name: "Till" }] });
    expect(listed.Metrics).toEqual([{ Namespace: "Shop", MetricName: "Sold", Dimensions }]);
    const other = await cloudwatch.listMetrics({ Dimensions: [{ Name: "Till", Value: "3" }] });
    expect(other.Metrics).toEqual([]);
  });

  it("comes back as each statistic, by minute and by longer periods", async () => {
    const results = await query(
      ...["SampleCount", "Sum", "Average", "Minimum", "Maximum"].map((Stat) => ({
        Id: Stat.toLowerCase(),
        MetricStat: metricStat(Stat),
      })),
      { Id: "all", MetricStat: metricStat("Sum", 300) },
      { Id: "none", MetricStat: metricStat("Sum", 60, "Nothing") },
    );
    expect(results).toEqual({
      samplecount: [
        [0, 4],
        [2, 1],
      ],
      sum: [
        [0, 10],
        [2, 7],
      ],
      average: [
        [0, 2.5],
        [2, 7],
      ],
      minimum: [
        [0, 1],
        [2, 7],
      ],
      maximum: [
        [0, 5],
        [2, 7],
      ],
      all: [[0, 17]],
      none: [],
    });
  });

  it("is computed with: arithmetic, over series, filled", async () => {
    const m = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: metricStat("Sum", 60, MetricName),
      ReturnData: false,
    });
    const results = await query(
      m("sold", "Sold"),
      m("asked", "Asked"),
      { Id: "share", Expression: "100 * sold / asked" },
      { Id: "both", Expression: "SUM([sold, asked])" },
      { Id: "full", Expression: "FILL(sold, 0)" },
      { Id: "twice", Expression: "-(share - 1) / 2" },
    );
    expect(results).toEqual({
      share: [[0, 50]],
      both: [
        [0, 30],
        [2, 7],
      ],
      full: [
        [0, 10],
        [1, 0],
        [2, 7],
        [3, 0],
        [4, 0],
      ],
      twice: [[0, -24.5]],
    });
  });

  it("pages by MaxDatapoints", async () => {
    const ask = {
      StartTime: start,
      EndTime: after(5),
      MaxDatapoints: 1,
      MetricDataQueries: [{ Id: "a", MetricStat: metricStat("Sum") }],
    };
    const first = await cloudwatch.getMetricData(ask);
    expect(first.MetricDataResults).toMatchObject([{ Values: [7], StatusCode: "PartialData" }]);
    const second = await cloudwatch.getMetricData({ ...ask, NextToken: first.NextToken });
    expect(second.MetricDataResults).toMatchObject([{ Values: [10], StatusCode: "Complete", Label: "Sold" }]);
    expect(second.NextToken).toBeUndefined();
  });

  it("comes as datapoints with their unit from GetMetricStatistics", async () => {
    const { Label, Datapoints } = await cloudwatch.getMetricStatistics({
      Namespace: "Shop",
      MetricName: "Wait",
      StartTime: start,
      EndTime: after(5),
      Period: 60,
      Statistics: ["Average", "Maximum"],
    });
    expect(Label).toBe("Wait");
    expect(Datapoints).toEqual([{ Timestamp: after(1), Average: 2.5, Maximum: 4, Unit: "Seconds" }]);
  });

  it("may be a thousand values in one compressed request", async () => {
    const MetricData = Array.from({ length: 1000 }, (_, index) => ({
      MetricName: "Many",
      Dimensions: [{ Name: "Row", Value: `a rather long value ${index % 10}` }],
      Timestamp: start,
      Value: index,
    }));
    await cloudwatch.putMetricData({ Namespace: "Bulk", MetricData });
    const { Metrics } = await cloudwatch.listMetrics({ Namespace: "Bulk" });
    expect(Metrics).toHaveLength(10);
  });
});

describe("what is refused", () => {
  const ask = (Expression: string) =>
    cloudwatch.getMetricData({ StartTime: start, EndTime: after(5), MetricDataQueries: [{ Id: "e", Expression }] });

  it("says what is not built by its name", async () => {
    await expect(ask("ANOMALY_DETECTION_BAND(m1)")).rejects.toMatchObject({
      name: "NotImplemented",
      message: "Cauce's CloudWatch does not implement the function ANOMALY_DETECTION_BAND of metric math.",
    });
    const MetricDataQueries = [{ Id: "p", MetricStat: metricStat("p99") }];
    await expect(
      cloudwatch.getMetricData({ StartTime: start, EndTime: after(5), MetricDataQueries }),
    ).rejects.toMatchObject({ name: "NotImplemented", message: expect.stringContaining("the statistic p99") });
  });

  it("says what is wrong with an expression", async () => {
    await expect(ask("nobody + 1")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(ask("1 +")).rejects.toMatchObject({ message: 'Error in expression "1 +": unexpected end.' });
  });

  it("takes nothing from too long ago, and nothing for AWS's own namespaces", async () => {
    const old = { MetricName: "m", Value: 1, Timestamp: new Date(Date.now() - 20 * 86_400_000) };
    await expect(cloudwatch.putMetricData({ Namespace: "N", MetricData: [old] })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message:
        "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks and no more than two hours in the future.",
    });
    await expect(
      cloudwatch.putMetricData({ Namespace: "AWS/Mine", MetricData: [{ MetricName: "m", Value: 1 }] }),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });
});
