import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { startCauce, type TestServer } from "#test/start-cauce";
import { servicePrincipal } from "#kernel";
import { zipSync } from "fflate";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const home = await mkdtemp(join(tmpdir(), "cauce-events-"));
const fn = "arn:aws:lambda:us-east-1:000000000000:function:told";
const code = `exports.handler = async (event) => console.log("GOT " + JSON.stringify(event) + " END");`;

let cauce: TestServer;
let events: EventBridge;

beforeAll(async () => {
  cauce = await startCauce({ home });
  events = new EventBridge(cauce.client);
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const iam = new IAM(cauce.client);
  const { Role } = await iam.createRole({
    RoleName: "told",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  const logs = { Effect: "Allow", Action: "logs:*", Resource: "*" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [logs] });
  await iam.putRolePolicy({ RoleName: "told", PolicyName: "logs", PolicyDocument });
  const lambda = new Lambda(cauce.client);
  await lambda.createFunction({
    FunctionName: "told",
    Role: Role?.Arn ?? "",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode(code) }) },
  });
  await lambda.addPermission({
    FunctionName: "told",
    StatementId: "events",
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    SourceArn: "arn:aws:events:us-east-1:000000000000:rule/told-*",
  });
});
afterAll(async () => {
  await cauce[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** What the function was given, as soon as there are `count`. */
async function received(count: number, marker: string, tries = 400): Promise<unknown[]> {
  const logs = new CloudWatchLogs(cauce.client);
  for (let left = tries; left > 0; left--) {
    const { events: lines } = await logs
      .filterLogEvents({ logGroupName: "/aws/lambda/told", filterPattern: `"${marker}"` })
      .catch(() => ({ events: [] }));
    const found = (lines ?? []).flatMap(({ message }) => /GOT (.*) END/.exec(message ?? "")?.[1] ?? []);
    if (found.length >= count) return found.map((text) => JSON.parse(text) as unknown);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`The function was not told ${count} times of ${marker}.`);
}

/** The system's clock, which can be put ahead. */
function movableClock() {
  const clock = { ahead: 0, now: () => new Date(Date.now() + clock.ahead) };
  return clock;
}

async function makeRule(name: string, pattern: object, target: object = {}): Promise<void> {
  await events.putRule({ Name: name, EventPattern: JSON.stringify(pattern) });
  await events.putTargets({ Rule: name, Targets: [{ Id: "1", Arn: fn, ...target }] });
}

describe("delivery", () => {
  it("brings the event, in AWS's form, to the function", async () => {
    await makeRule("told-plain", { source: ["my.app"], detail: { kind: ["plain"] } });
    const sent = await events.putEvents({
      Entries: [
        {
          Source: "my.app",
          DetailType: "Thing",
          Detail: '{"kind":"plain","n":1}',
          Resources: ["arn:x"],
          Time: new Date("2026-01-02T03:04:05Z"),
        },
        { Source: "my.app", DetailType: "Thing", Detail: '{"kind":"other"}' },
      ],
    });
    expect(sent.FailedEntryCount).toBe(0);
    expect(await received(1, "plain")).toEqual([
      {
        version: "0",
        id: sent.Entries?.[0]?.EventId,
        "detail-type": "Thing",
        source: "my.app",
        account: "000000000000",
        time: "2026-01-02T03:04:05Z",
        region: "us-east-1",
        resources: ["arn:x"],
        detail: { kind: "plain", n: 1 },
      },
    ]);
  });

  it("shapes what the target gets", async () => {
    const source = { source: ["shape.app"] };
    await makeRule("told-input", source, { Input: '{"constant":"shape-input"}' });
    await makeRule("told-path", source, { InputPath: "$.detail" });
    await makeRule("told-transformer", source, {
      InputTransformer: {
        InputPathsMap: { who: "$.detail.who", list: "$.detail.list", type: "$.detail-type" },
        InputTemplate:
          '{"marker":"shape-transformer","who":<who>,"said":"<who> did <type>","list":<list>,"rule":"<aws.events.rule-name>"}',
      },
    });
    await makeRule("told-text", source, {
      InputTransformer: { InputPathsMap: { who: "$.detail.who" }, InputTemplate: "shape-text by <who>" },
    });
    await events.putEvents({
      Entries: [
        { Source: "shape.app", DetailType: "Thing", Detail: '{"who":"a \\"b\\"","list":[1],"marker":"shape-path"}' },
      ],
    });
    expect(await received(1, "shape-input")).toEqual([{ constant: "shape-input" }]);
    expect(await received(1, "shape-path")).toEqual([{ who: 'a "b"', list: [1], marker: "shape-path" }]);
    expect(await received(1, "shape-transformer")).toEqual([
      { marker: "shape-transformer", who: 'a "b"', said: 'a "b" did Thing', list: [1], rule: "told-transformer" },
    ]);
    expect(await received(1, "shape-text")).toEqual(['shape-text by a "b"']);
  });

  it("leaves out rules that are disabled", async () => {
    await makeRule("told-off", { source: ["switch.app"] }, { Input: '"switch-off"' });
    await makeRule("told-on", { source: ["switch.app"] }, { Input: '"switch-on"' });
    await events.disableRule({ Name: "told-off" });
    await events.putEvents({ Entries: [{ Source: "switch.app", DetailType: "x", Detail: "{}" }] });
    await received(1, "switch-on");
    await expect(received(1, "switch-off", 10).catch(() => "never")).resolves.toBe("never");
  });

  it("refuses aws. to callers, entry by entry, and grants it to services", async () => {
    const Entries = [
      { Source: "aws.sagemaker", DetailType: "x", Detail: "{}" },
      { Source: "mine", DetailType: "x", Detail: "[]" },
      { DetailType: "x", Detail: "{}" },
      { Source: "mine", DetailType: "x", Detail: "{}" },
    ];
    const { FailedEntryCount, Entries: results } = await events.putEvents({ Entries });
    expect(FailedEntryCount).toBe(3);
    expect(results?.slice(0, 3)).toEqual([
      { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." },
      { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." },
      {
        ErrorCode: "InvalidArgument",
        ErrorMessage: "Parameter Source is not valid. Reason: Source is a required argument.",
      },
    ]);
    const service = servicePrincipal("sagemaker.amazonaws.com", "000000000000");
    const ctx = cauce.kernel.context("events", service);
    const granted = await ctx.call("events", "PutEvents", { Entries: [Entries[0]!] });
    expect(granted.FailedEntryCount).toBe(0);
  });

  it("fires schedules, also after a restart", async () => {
    const clock = movableClock();
    const own = await mkdtemp(join(tmpdir(), "cauce-schedule-"));
    const rule = "arn:aws:events:us-east-1:000000000000:rule/hourly";
    const fired = (server: TestServer) =>
      server.kernel.journal.entries().filter((entry) => entry.operation === "Invoke").length;
    const first = await startCauce({ home: own, clock });
    const client = new EventBridge(first.client);
    await client.putRule({ Name: "hourly", ScheduleExpression: "rate(1 hour)" });
    await client.putTargets({ Rule: "hourly", Targets: [{ Id: "1", Arn: fn }] });
    expect(await client.describeRule({ Name: "hourly" })).toMatchObject({
      Arn: rule,
      ScheduleExpression: "rate(1 hour)",
    });
    await expect(client.putRule({ Name: "x", ScheduleExpression: "rate(5 minute)" })).rejects.toThrow(
      "Parameter ScheduleExpression is not valid.",
    );
    await first[Symbol.asyncDispose]();
    clock.ahead = 3_600_000 - 500;
    const second = await startCauce({ home: own, clock });
    await expect.poll(() => fired(second), { timeout: 30_000 }).toBe(1);
    // The function of this rule is not in this server: Lambda says so to EventBridge, which gives up.
    expect(second.kernel.journal.entries().find((entry) => entry.operation === "Invoke")).toMatchObject({
      principal: "events.amazonaws.com",
    });
    expect(second.reports).toEqual([]);
    await second[Symbol.asyncDispose]();
    await rm(own, { recursive: true, force: true });
  });

  it("survives a restart", async () => {
    await makeRule("told-restart", { source: ["restart.app"] }, { Input: '"restart-marker"' });
    const ctx = cauce.kernel.context("events", servicePrincipal("events.amazonaws.com", "000000000000"));
    // Stored, and the server goes before anything is delivered.
    await Promise.all([
      ctx.call("events", "PutEvents", { Entries: [{ Source: "restart.app", DetailType: "x", Detail: "{}" }] }),
      cauce.close(),
    ]);
    expect(cauce.reports).toEqual([]);
    cauce = await startCauce({ home });
    events = new EventBridge(cauce.client);
    expect(await received(1, "restart-marker")).toContain("restart-marker");
  });
});
