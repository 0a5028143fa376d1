import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { startCauce, type TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const fn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const pipeline = "arn:aws:sagemaker:us-east-1:000000000000:pipeline/p";
const pattern = '{"source":["my.app"]}';

let cauce: TestServer;
let events: EventBridge;

beforeAll(async () => {
  cauce = await startCauce();
  events = new EventBridge(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

describe("rules", () => {
  it("are made, described, changed, listed and removed", async () => {
    const { RuleArn } = await events.putRule({
      Name: "life",
      EventPattern: pattern,
      Description: "one",
      Tags: [{ Key: "a", Value: "1" }],
    });
    expect(RuleArn).toBe("arn:aws:events:us-east-1:000000000000:rule/life");
    expect(await events.describeRule({ Name: "life" })).toMatchObject({
      Arn: RuleArn,
      CreatedBy: "000000000000",
      Description: "one",
      EventBusName: "default",
      EventPattern: pattern,
      Name: "life",
      State: "ENABLED",
    });
    await events.disableRule({ Name: "life" });
    await events.putRule({ Name: "life", EventPattern: '{"source":["other"]}', Tags: [{ Key: "b", Value: "2" }] });
    const changed = await events.describeRule({ Name: "life" });
    expect([changed.State, changed.Description, changed.EventPattern]).toEqual([
      "DISABLED",
      undefined,
      '{"source":["other"]}',
    ]);
    await events.enableRule({ Name: "life" });
    expect((await events.listRules({ NamePrefix: "li" })).Rules?.map(({ Name, State }) => [Name, State])).toEqual([
      ["life", "ENABLED"],
    ]);
    expect((await events.listTagsForResource({ ResourceARN: RuleArn })).Tags).toEqual([{ Key: "a", Value: "1" }]);
    await events.tagResource({ ResourceARN: RuleArn, Tags: [{ Key: "c", Value: "3" }] });
    await events.untagResource({ ResourceARN: RuleArn, TagKeys: ["a"] });
    expect((await events.listTagsForResource({ ResourceARN: RuleArn })).Tags).toEqual([{ Key: "c", Value: "3" }]);
    await events.deleteRule({ Name: "life" });
    await expect(events.describeRule({ Name: "life" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Rule life does not exist on EventBus default.",
    });
    await events.deleteRule({ Name: "life" });
  });

  it("are listed in pages", async () => {
    for (const name of ["page-a", "page-b", "page-c"]) await events.putRule({ Name: name, EventPattern: pattern });
    const first = await events.listRules({ NamePrefix: "page-", Limit: 2 });
    const second = await events.listRules({ NamePrefix: "page-", Limit: 2, NextToken: first.NextToken });
    expect([...(first.Rules ?? []), ...(second.Rules ?? [])].map(({ Name }) => Name)).toEqual([
      "page-a",
      "page-b",
      "page-c",
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  it("are refused with AWS's sentences", async () => {
    await expect(events.putRule({ Name: "bad" })).rejects.toMatchObject({
      name: "ValidationException",
      message: "Parameter(s) EventPattern or ScheduleExpression must be specified.",
    });
    await expect(events.putRule({ Name: "bad", EventPattern: '{"source":"x"}' })).rejects.toMatchObject({
      name: "InvalidEventPatternException",
      message:
        'Event pattern is not valid. Reason: "source" must be an object or an array\n at [Source: (String)"{"source":"x"}"; line: 1, column: 12]',
    });
    await expect(events.putRule({ Name: "bad", EventPattern: pattern, EventBusName: "mine" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Event bus mine does not exist.",
    });
    await expect(events.createEventBus({ Name: "mine" })).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(events.putRule({ Name: "no name", EventPattern: pattern })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  it("say whether an event fits", async () => {
    const Event = JSON.stringify({
      id: "1",
      account: "1",
      source: "my.app",
      time: "2026-01-01T00:00:00Z",
      region: "r",
      resources: [],
      "detail-type": "x",
      detail: {},
    });
    expect((await events.testEventPattern({ EventPattern: pattern, Event })).Result).toBe(true);
    expect((await events.testEventPattern({ EventPattern: '{"source":["x"]}', Event })).Result).toBe(false);
    await expect(events.testEventPattern({ EventPattern: pattern, Event: "{}" })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  it("belong to the one bus", async () => {
    const Arn = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    expect(await events.describeEventBus({})).toMatchObject({ Name: "default", Arn });
    expect((await events.listEventBuses({})).EventBuses).toEqual([{ Name: "default", Arn }]);
  });
});

describe("targets", () => {
  it("are put, listed and removed; a rule that has any stays", async () => {
    await events.putRule({ Name: "aimed", EventPattern: pattern });
    const Targets = [
      { Id: "1", Arn: fn, Input: '{"a":1}', RetryPolicy: { MaximumRetryAttempts: 2 } },
      { Id: "2", Arn: fn, InputTransformer: { InputPathsMap: { a: "$.detail.a" }, InputTemplate: "<a>" } },
    ];
    expect(await events.putTargets({ Rule: "aimed", Targets })).toMatchObject({ FailedEntryCount: 0 });
    expect((await events.listTargetsByRule({ Rule: "aimed" })).Targets).toEqual(Targets);
    expect((await events.listRuleNamesByTarget({ TargetArn: fn })).RuleNames).toEqual(["aimed"]);
    await expect(events.deleteRule({ Name: "aimed" })).rejects.toMatchObject({
      name: "ValidationException",
      message: "Rule can't be deleted since it has targets.",
    });
    const removed = await events.removeTargets({ Rule: "aimed", Ids: ["1", "2", "3"] });
    expect([removed.FailedEntryCount, removed.FailedEntries?.[0]?.TargetId]).toEqual([1, "3"]);
    await events.deleteRule({ Name: "aimed" });
  });

  it("are refused when they cannot work", async () => {
    await events.putRule({ Name: "refused", EventPattern: pattern });
    const put = (target: object) => events.putTargets({ Rule: "refused", Targets: [{ Id: "1", Arn: fn, ...target }] });
    await expect(put({ Arn: "nonsense" })).rejects.toThrow(
      "Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.",
    );
    await expect(put({ Arn: "arn:aws:sqs:us-east-1:000000000000:q" })).rejects.toMatchObject({
      name: "NotImplemented",
    });
    await expect(put({ Arn: pipeline })).rejects.toThrow(`RoleArn is required for target ${pipeline}.`);
    await expect(put({ Input: "{" })).rejects.toThrow("JSON syntax error in input for target 1");
    await expect(put({ Input: "1", InputPath: "$" })).rejects.toThrow(
      "Only one of Input, InputPath, or InputTransformer must be provided for target 1.",
    );
    await expect(put({ InputTransformer: { InputTemplate: "<a>" } })).rejects.toThrow("invalid placeholder a");
    await expect(events.putTargets({ Rule: "nowhere", Targets: [{ Id: "1", Arn: fn }] })).rejects.toThrow(
      "Rule nowhere does not exist on EventBus default.",
    );
    const six = ["1", "2", "3", "4", "5", "6"].map((Id) => ({ Id, Arn: fn }));
    await expect(events.putTargets({ Rule: "refused", Targets: six })).rejects.toMatchObject({
      name: "LimitExceededException",
    });
  });
});

describe("AWS::Events::Rule", () => {
  it("is made, changed and removed with its targets", async () => {
    const cfn = new CloudFormation(cauce.client);
    const template = (source: string, targets: object[]) =>
      JSON.stringify({
        Resources: {
          R: { Type: "AWS::Events::Rule", Properties: { EventPattern: { source: [source] }, Targets: targets } },
        },
        Outputs: { Name: { Value: { Ref: "R" } }, Arn: { Value: { "Fn::GetAtt": ["R", "Arn"] } } },
      });
    const settled = async () => {
      for (;;) {
        const stack = (await cfn.describeStacks({ StackName: "rules" })).Stacks?.[0];
        if (stack?.StackStatus && !stack.StackStatus.endsWith("_IN_PROGRESS")) return stack;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await cfn.createStack({
      StackName: "rules",
      TemplateBody: template("one", [
        { Id: "a", Arn: fn },
        { Id: "b", Arn: fn },
      ]),
    });
    const made = await settled();
    expect(made.StackStatus).toBe("CREATE_COMPLETE");
    const outputs = Object.fromEntries(
      (made.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? ""]),
    );
    const name = outputs["Name"] ?? "";
    expect(name).toMatch(/^rules-R-/);
    expect(outputs["Arn"]).toBe(`arn:aws:events:us-east-1:000000000000:rule/${name}`);
    await cfn.updateStack({ StackName: "rules", TemplateBody: template("two", [{ Id: "b", Arn: fn, Input: "1" }]) });
    expect((await settled()).StackStatus).toBe("UPDATE_COMPLETE");
    expect((await events.describeRule({ Name: name })).EventPattern).toBe('{"source":["two"]}');
    expect((await events.listTargetsByRule({ Rule: name })).Targets).toEqual([{ Id: "b", Arn: fn, Input: "1" }]);
    await cfn.deleteStack({ StackName: "rules" });
    await settled().catch(() => undefined);
    await expect(events.describeRule({ Name: name })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("permissions", () => {
  it("are those of the rule and of the bus", async () => {
    const iam = new IAM(cauce.client);
    const trust = { Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRole" };
    const { Role } = await iam.createRole({
      RoleName: "putter",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    });
    const grant = {
      Effect: "Allow",
      Action: "events:PutEvents",
      Resource: "arn:aws:events:us-east-1:000000000000:event-bus/default",
      Condition: { StringEquals: { "events:source": "mine" } },
    };
    await iam.putRolePolicy({
      RoleName: "putter",
      PolicyName: "p",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [grant] }),
    });
    const credentials = await takeRole(cauce.client, Role?.Arn, "me");
    const limited = new EventBridge({ ...cauce.client, credentials });
    expect(
      (await limited.putEvents({ Entries: [{ Source: "mine", DetailType: "x", Detail: "{}" }] })).FailedEntryCount,
    ).toBe(0);
    await expect(
      limited.putEvents({ Entries: [{ Source: "yours", DetailType: "x", Detail: "{}" }] }),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(limited.putRule({ Name: "r", EventPattern: pattern })).rejects.toThrow(
      "is not authorized to perform: events:PutRule on resource: arn:aws:events:us-east-1:000000000000:rule/r",
    );
  });
});
