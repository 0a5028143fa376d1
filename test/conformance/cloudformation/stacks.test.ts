import { CloudFormation, type StackStatus } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let cfn: CloudFormation;
let logs: CloudWatchLogs;
let iam: IAM;

beforeAll(async () => {
  cauce = await startCauce();
  cfn = new CloudFormation(cauce.client);
  logs = new CloudWatchLogs(cauce.client);
  iam = new IAM(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

const group = (name: unknown, extra: object = {}) => ({
  Type: "AWS::Logs::LogGroup",
  Properties: { LogGroupName: name, ...extra },
});
const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const role = (extra: object = {}) => ({
  Type: "AWS::IAM::Role",
  Properties: { AssumeRolePolicyDocument: trust, ...extra },
});
const body = (Resources: object, rest: object = {}) => JSON.stringify({ Resources, ...rest });

async function settled(StackName: string): Promise<StackStatus> {
  for (;;) {
    const { Stacks } = await cfn.describeStacks({ StackName });
    const status = Stacks?.[0]?.StackStatus;
    if (status && !status.endsWith("_IN_PROGRESS")) return status;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function groups(prefix: string): Promise<(string | undefined)[]> {
  const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: prefix });
  return (logGroups ?? []).map(({ logGroupName }) => logGroupName);
}

describe("a stack's life", () => {
  test("is created, with parameters, references and outputs; updated; and deleted without a trace", async () => {
    const template = (retention: number) =>
      body(
        { B: { ...group({ "Fn::Sub": "/life/${Prefix}/${R}" }, { RetentionInDays: retention }) }, R: role() },
        { Parameters: { Prefix: { Type: "String" } }, Outputs: { Arn: { Value: { "Fn::GetAtt": ["R", "Arn"] } } } },
      );
    const given = {
      StackName: "life",
      Capabilities: ["CAPABILITY_IAM" as const],
      Parameters: [{ ParameterKey: "Prefix", ParameterValue: "p" }],
    };
    const { StackId } = await cfn.createStack({ ...given, TemplateBody: template(7) });
    expect(await settled("life")).toBe("CREATE_COMPLETE");
    const [made] = await groups("/life/p/life-R-");
    expect(made).toBeDefined();
    const { Stacks } = await cfn.describeStacks({ StackName: "life" });
    expect(Stacks?.[0]?.Outputs?.[0]).toMatchObject({
      OutputKey: "Arn",
      OutputValue: expect.stringContaining(":role/life-R-"),
    });

    await expect(cfn.updateStack({ ...given, TemplateBody: template(7) })).rejects.toMatchObject({
      name: "ValidationError",
      message: "No updates are to be performed.",
    });
    await cfn.updateStack({ ...given, TemplateBody: template(14) });
    expect(await settled("life")).toBe("UPDATE_COMPLETE");
    const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: "/life/" });
    expect(logGroups).toMatchObject([{ logGroupName: made, retentionInDays: 14 }]);

    await cfn.deleteStack({ StackName: "life" });
    expect(await settled(StackId ?? "")).toBe("DELETE_COMPLETE");
    expect(await groups("/life/")).toEqual([]);
    await expect(cfn.describeStacks({ StackName: "life" })).rejects.toThrow("Stack with id life does not exist");
    const { StackEvents } = await cfn.describeStackEvents({ StackName: StackId });
    expect(StackEvents?.[0]).toMatchObject({
      ResourceType: "AWS::CloudFormation::Stack",
      ResourceStatus: "DELETE_COMPLETE",
    });
    expect(StackEvents?.at(-1)).toMatchObject({
      ResourceStatus: "CREATE_IN_PROGRESS",
      ResourceStatusReason: "User Initiated",
    });
  });

  test("a change of a name replaces: the new one is made, then the old one goes", async () => {
    await cfn.createStack({ StackName: "replace", TemplateBody: body({ A: group("/replace/old") }) });
    await settled("replace");
    await cfn.updateStack({ StackName: "replace", TemplateBody: body({ A: group("/replace/new") }) });
    expect(await settled("replace")).toBe("UPDATE_COMPLETE");
    expect(await groups("/replace/")).toEqual(["/replace/new"]);
  });
});

describe("going back", () => {
  test("a creation that fails leaves nothing and says why", async () => {
    await logs.createLogGroup({ logGroupName: "/taken" });
    await cfn.createStack({
      StackName: "fails",
      TemplateBody: body({ A: group("/fails/a"), B: { ...group("/taken"), DependsOn: "A" } }),
    });
    expect(await settled("fails")).toBe("ROLLBACK_COMPLETE");
    expect(await groups("/fails/")).toEqual([]);
    expect(await groups("/taken")).toEqual(["/taken"]);
    const { StackEvents } = await cfn.describeStackEvents({ StackName: "fails" });
    expect(StackEvents?.find(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED")).toMatchObject({
      LogicalResourceId: "B",
      ResourceStatusReason: expect.stringContaining("already exists"),
    });
  });

  test("an update that fails restores what was changed, replaced, removed and added", async () => {
    const before = {
      Kept: group("/back/kept", { RetentionInDays: 7 }),
      Named: group("/back/named"),
      Gone: group("/back/gone"),
    };
    await cfn.createStack({ StackName: "back", TemplateBody: body(before) });
    await settled("back");
    const after = {
      Kept: group("/back/kept", { RetentionInDays: 30 }),
      Named: group("/back/renamed"),
      Added: group("/back/added"),
      Breaks: { ...group("/taken"), DependsOn: ["Kept", "Named", "Added"] },
    };
    await cfn.updateStack({ StackName: "back", TemplateBody: body(after) });
    expect(await settled("back")).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await groups("/back/")).toEqual(["/back/gone", "/back/kept", "/back/named"]);
    const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: "/back/kept" });
    expect(logGroups?.[0]?.retentionInDays).toBe(7);
    const { TemplateBody } = await cfn.getTemplate({ StackName: "back" });
    expect(TemplateBody).toBe(body(before));
  });
});

describe("change sets", () => {
  test("say what would be done, and do it", async () => {
    await cfn.createChangeSet({
      StackName: "cs",
      ChangeSetName: "first",
      ChangeSetType: "CREATE",
      TemplateBody: body({ A: group("/cs/a") }),
    });
    const first = await cfn.describeChangeSet({ StackName: "cs", ChangeSetName: "first" });
    expect(first.Changes?.[0]?.ResourceChange).toMatchObject({ Action: "Add", LogicalResourceId: "A" });
    expect(await groups("/cs/")).toEqual([]);
    await cfn.executeChangeSet({ StackName: "cs", ChangeSetName: "first" });
    expect(await settled("cs")).toBe("CREATE_COMPLETE");

    await cfn.createChangeSet({ StackName: "cs", ChangeSetName: "same", TemplateBody: body({ A: group("/cs/a") }) });
    const same = await cfn.describeChangeSet({ StackName: "cs", ChangeSetName: "same" });
    expect(same).toMatchObject({ Status: "FAILED", StatusReason: expect.stringContaining("didn't contain changes") });

    const next = { A: group("/cs/b"), N: group({ "Fn::Sub": "/cs/n${A}" }) };
    await cfn.createChangeSet({ StackName: "cs", ChangeSetName: "next", TemplateBody: body(next) });
    const { Changes } = await cfn.describeChangeSet({ StackName: "cs", ChangeSetName: "next" });
    expect(
      Changes?.map(({ ResourceChange }) => [
        ResourceChange?.Action,
        ResourceChange?.LogicalResourceId,
        ResourceChange?.Replacement,
      ]),
    ).toEqual([
      ["Modify", "A", "True"],
      ["Add", "N", undefined],
    ]);
  });
});

describe("refusals", () => {
  test.each([
    ["no capability for roles", { TemplateBody: body({ R: role() }) }, "Requires capabilities : [CAPABILITY_IAM]"],
    [
      "a named role",
      { TemplateBody: body({ R: role({ RoleName: "x" }) }), Capabilities: ["CAPABILITY_IAM" as const] },
      "[CAPABILITY_NAMED_IAM]",
    ],
    [
      "a reference to nothing",
      { TemplateBody: body({ A: group({ Ref: "Nowhere" }) }) },
      "Unresolved resource dependencies [Nowhere]",
    ],
    [
      "a type that is not built",
      { TemplateBody: body({ A: { Type: "AWS::EC2::VPC" } }) },
      "does not implement the resource type AWS::EC2::VPC",
    ],
    ["no template", {}, "Either Template URL or Template Body must be specified."],
    ["a circle", { TemplateBody: body({ A: group({ Ref: "B" }), B: group({ Ref: "A" }) }) }, "Circular dependency"],
  ])("%s", async (_what, input, sentence) => {
    await expect(cfn.createStack({ StackName: "refused", ...input })).rejects.toThrow(sentence);
    await expect(cfn.describeStacks({ StackName: "refused" })).rejects.toThrow("does not exist");
  });

  test("a name that is taken", async () => {
    const input = { StackName: "twice", TemplateBody: body({ A: group("/twice") }) };
    await cfn.createStack(input);
    await expect(cfn.createStack(input)).rejects.toMatchObject({ name: "AlreadyExistsException" });
    await settled("twice");
  });

  test("roles made by stacks are removed with them", async () => {
    await cfn.createStack({ StackName: "roles", TemplateBody: body({ R: role() }), Capabilities: ["CAPABILITY_IAM"] });
    await settled("roles");
    const named = async () =>
      (await iam.listRoles({})).Roles?.filter(({ RoleName }) => RoleName?.startsWith("roles-R-")).length;
    expect(await named()).toBe(1);
    await cfn.deleteStack({ StackName: "roles" });
    await expect.poll(named).toBe(0);
  });
});
