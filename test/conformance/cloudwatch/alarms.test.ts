import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { Lambda } from "@aws-sdk/client-lambda";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { IAM } from "@aws-sdk/client-iam";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

const MINUTE = 60_000;
const ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:slow";
let jumped = 0;
let cauce: TestServer;
let cloudwatch: CloudWatch;
const now = () => Math.floor((Date.now() + jumped) / MINUTE) * MINUTE;

/** On a clock that jumps to the middle of a minute, so that none ends on the way. */
beforeAll(async () => {
  jumped = MINUTE / 4 - (Date.now() % MINUTE);
  cauce = await startCauce({ clock: { now: () => new Date(Date.now() + jumped) } });
  cloudwatch = on(new CloudWatch(cauce.client));
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

/** Lets a client live by the server's clock: the SDK would set it by the date of an answer, which is the machine's. */
function on<Client extends { readonly config: object }>(client: Client): Client {
  Object.defineProperty(client.config, "systemClockOffset", { get: () => jumped, set: () => {} });
  return client;
}

function pass(minutes: number) {
  jumped += minutes * MINUTE;
}

const put = (Value: number, minutesAgo = 0) =>
  cloudwatch.putMetricData({
    Namespace: "N",
    MetricData: [{ MetricName: "m", Value, Timestamp: new Date(now() - minutesAgo * MINUTE) }],
  });
const alarm = {
  AlarmName: "slow",
  Namespace: "N",
  MetricName: "m",
  Statistic: "Sum" as const,
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 5,
  ComparisonOperator: "GreaterThanThreshold" as const,
};
const seen = async () => (await cloudwatch.describeAlarms({ AlarmNames: ["slow"] })).MetricAlarms?.[0];

describe("an alarm", () => {
  it("begins without data", async () => {
    await cloudwatch.putMetricAlarm({ ...alarm, AlarmDescription: "too slow", Tags: [{ Key: "a", Value: "b" }] });
    expect(await seen()).toMatchObject({
      ...alarm,
      AlarmArn: ARN,
      ActionsEnabled: true,
      StateValue: "INSUFFICIENT_DATA",
      StateReason: "Unchecked: Initial alarm creation",
    });
    expect(await cloudwatch.listTagsForResource({ ResourceARN: ARN })).toMatchObject({
      Tags: [{ Key: "a", Value: "b" }],
    });
  });

  it("goes to ALARM when as many datapoints as it needs are over the threshold, with AWS's reason", async () => {
    await put(9);
    pass(1);
    expect((await seen())?.StateValue).toBe("OK");
    await put(6);
    pass(1);
    const found = await seen();
    expect(found?.StateValue).toBe("ALARM");
    expect(found?.StateReason).toMatch(
      /^Threshold Crossed: 2 out of the last 3 datapoints \[6\.0 \(\d\d\/\d\d\/\d\d \d\d:\d\d:00\), 9\.0 \(.*\)\] were greater than the threshold \(5\.0\) \(minimum 2 datapoints for OK -> ALARM transition\)\.$/,
    );
    expect(JSON.parse(found?.StateReasonData ?? "")).toMatchObject({
      version: "1.0",
      statistic: "Sum",
      period: 60,
      recentDatapoints: [9, 6],
      threshold: 5,
    });
  });

  it("goes back when they are not any more, and to INSUFFICIENT_DATA without any", async () => {
    await put(1);
    pass(1);
    await put(1);
    pass(1);
    expect(await seen()).toMatchObject({ StateValue: "OK" });
    pass(10);
    expect(await seen()).toMatchObject({
      StateValue: "INSUFFICIENT_DATA",
      StateReason: "Insufficient Data: 3 datapoints were unknown.",
    });
    const { AlarmHistoryItems } = await cloudwatch.describeAlarmHistory({
      AlarmName: "slow",
      HistoryItemType: "StateUpdate",
    });
    expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      "Alarm updated from OK to INSUFFICIENT_DATA",
      "Alarm updated from ALARM to OK",
      "Alarm updated from OK to ALARM",
      "Alarm updated from INSUFFICIENT_DATA to OK",
    ]);
  });

  it("may watch an expression", async () => {
    const stat = { Metric: { Namespace: "N", MetricName: "m" }, Period: 60, Stat: "Sum" };
    await cloudwatch.putMetricAlarm({
      AlarmName: "math",
      EvaluationPeriods: 1,
      Threshold: 50,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      Metrics: [
        { Id: "m", MetricStat: stat, ReturnData: false },
        { Id: "tenfold", Expression: "m * 10" },
      ],
    });
    await put(5);
    pass(1);
    const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNamePrefix: "ma", StateValue: "ALARM" });
    expect(MetricAlarms?.[0]?.StateReason).toMatch(/^Threshold Crossed: 1 out of the last 1 datapoints \[50\.0 /);
    await cloudwatch.deleteAlarms({ AlarmNames: ["math"] });
    await expect(cloudwatch.deleteAlarms({ AlarmNames: ["math"] })).rejects.toMatchObject({ name: "ResourceNotFound" });
  });

  it("tells EventBridge of every change of its state, and invokes the functions among its actions", async () => {
    await told();
    await cloudwatch.putMetricAlarm({ ...alarm, AlarmActions: [FUNCTION] });
    await cloudwatch.setAlarmState({ AlarmName: "slow", StateValue: "ALARM", StateReason: "a test" });
    const events = await received(2);
    expect(events).toContainEqual(
      expect.objectContaining({
        source: "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        resources: [ARN],
        detail: expect.objectContaining({
          alarmName: "slow",
          state: expect.objectContaining({ value: "ALARM", reason: "a test" }),
          previousState: expect.objectContaining({ value: "OK" }),
          configuration: {
            metrics: [
              {
                id: "slow",
                metricStat: { metric: { namespace: "N", name: "m", dimensions: {} }, period: 60, stat: "Sum" },
                returnData: true,
              },
            ],
          },
        }),
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        source: "aws.cloudwatch",
        alarmArn: ARN,
        accountId: "000000000000",
        alarmData: expect.objectContaining({ alarmName: "slow" }),
      }),
    );
  });

  it("refuses what it would not do: topics, anomaly detection, percentiles, periods below a minute", async () => {
    const refused = { name: "NotImplemented" };
    const AlarmActions = ["arn:aws:sns:us-east-1:000000000000:topic"];
    await expect(cloudwatch.putMetricAlarm({ ...alarm, AlarmActions })).rejects.toMatchObject(refused);
    const { Statistic: _, ...rest } = alarm;
    await expect(cloudwatch.putMetricAlarm({ ...rest, ExtendedStatistic: "p90" })).rejects.toMatchObject(refused);
    await expect(cloudwatch.putMetricAlarm({ ...alarm, Period: 10 })).rejects.toMatchObject(refused);
    await expect(cloudwatch.putMetricAlarm({ ...alarm, DatapointsToAlarm: 4 })).rejects.toThrow(
      "DatapointsToAlarm must be less than or equal to EvaluationPeriods.",
    );
  });
});

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:told";

async function told() {
  const document = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
  const iam = on(new IAM(cauce.client));
  const Principal = { Service: "lambda.amazonaws.com" };
  const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
  const { Role } = await iam.createRole({ RoleName: "told", AssumeRolePolicyDocument: trust });
  const PolicyDocument = document({ Effect: "Allow", Action: "logs:*", Resource: "*" });
  await iam.putRolePolicy({ RoleName: "told", PolicyName: "logs", PolicyDocument });
  const lambda = on(new Lambda(cauce.client));
  const code = `exports.handler = async (event) => console.log("GOT " + JSON.stringify(event) + " END");`;
  await lambda.createFunction({
    FunctionName: "told",
    Role: Role?.Arn ?? "",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode(code) }) },
  });
  for (const service of ["events", "lambda.alarms.cloudwatch"]) {
    await lambda.addPermission({
      FunctionName: "told",
      StatementId: service.replaceAll(".", "-"),
      Action: "lambda:InvokeFunction",
      Principal: `${service}.amazonaws.com`,
    });
  }
  const events = on(new EventBridge(cauce.client));
  await events.putRule({ Name: "alarms", EventPattern: JSON.stringify({ source: ["aws.cloudwatch"] }) });
  await events.putTargets({ Rule: "alarms", Targets: [{ Id: "f", Arn: FUNCTION }] });
}

/** What the function was given, as soon as there are `count`. */
async function received(count: number): Promise<unknown[]> {
  const logs = on(new CloudWatchLogs(cauce.client));
  const read = async () => {
    const { events = [] } = await logs
      .filterLogEvents({ logGroupName: "/aws/lambda/told", filterPattern: '"GOT"' })
      .catch(() => ({ events: [] }));
    return events.flatMap(({ message }) => /GOT (.*) END/.exec(message ?? "")?.[1] ?? []);
  };
  await expect.poll(read, { timeout: 20_000 }).toHaveLength(count);
  return (await read()).map((text) => JSON.parse(text) as unknown);
}
