import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll, type Target, withClients } from "#aws";
import { startCauce, type TestServer } from "#test/start-cauce";
import { applyStack, findStack, type Stackable } from "../../../src/pipeline/stack.ts";

const PLACE = { account: "000000000000", region: "us-east-1" };
let cauce: TestServer;
let target: Target;
let cfn: CloudFormation;
let logs: CloudWatchLogs;
beforeAll(async () => {
  cauce = await startCauce();
  target = { name: "embedded", endpoint: cauce.endpoint, ...PLACE, credentials: cauce.client.credentials };
  cfn = new CloudFormation(cauce.client);
  logs = new CloudWatchLogs(cauce.client);
  await logs.createLogGroup({ logGroupName: "taken" });
});
afterAll(() => cauce[Symbol.asyncDispose]());

const group = (LogGroupName: string, more: object = {}) => ({
  Type: "AWS::Logs::LogGroup",
  Properties: { LogGroupName, ...more },
});
const body = (Resources: object) => JSON.stringify({ Resources });
const good = (stack: string): Stackable => ({
  names: { stack, bucket: "none", partition: "aws", key: (...path) => path.join("/") },
  template: {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "good",
    Resources: { A: group(stack) } as unknown as Stackable["template"]["Resources"],
    Outputs: {},
  },
  fingerprint: "good",
});
const bring = (stack: string) => withClients(target, (aws) => applyStack(aws, good(stack), {}));
const reached = (stack: string, status: string) =>
  withClients(target, (aws) =>
    poll(
      () => findStack(aws, stack),
      (found) => found?.StackStatus === status,
      { signal: AbortSignal.timeout(5000) },
    ),
  );

describe("a stack that was left half done is repaired by bringing it up", () => {
  it.each([
    ["ROLLBACK_COMPLETE", "ROLLBACK" as const],
    ["CREATE_FAILED", "DO_NOTHING" as const],
  ])("after %s it is made anew", async (status, OnFailure) => {
    const StackName = `never-${OnFailure.toLowerCase().replace("_", "-")}`;
    await cfn.createStack({ StackName, OnFailure, TemplateBody: body({ A: group("taken") }) });
    await reached(StackName, status);
    expect((await bring(StackName)).stack.StackStatus).toBe("CREATE_COMPLETE");
  });

  it("in REVIEW_IN_PROGRESS, of a change set that nobody carried out, it does not wait for ever", async () => {
    const TemplateBody = body({ A: group("reviewed") });
    await cfn.createChangeSet({ StackName: "review", ChangeSetName: "c", ChangeSetType: "CREATE", TemplateBody });
    await reached("review", "REVIEW_IN_PROGRESS");
    expect((await bring("review")).stack.StackStatus).toBe("CREATE_COMPLETE");
  });

  it("after DELETE_FAILED it is made anew, once it can be deleted; until then it is said why not", async () => {
    const s3 = new S3({ ...cauce.client, forcePathStyle: true });
    const at = { Bucket: "full-of-things", Key: "thing" };
    const bucket = { Type: "AWS::S3::Bucket", Properties: { BucketName: at.Bucket } };
    await cfn.createStack({ StackName: "full", TemplateBody: body({ Bucket: bucket }) });
    await reached("full", "CREATE_COMPLETE");
    await s3.putObject({ ...at, Body: "x" });
    await cfn.deleteStack({ StackName: "full" });
    await reached("full", "DELETE_FAILED");
    await expect(bring("full")).rejects.toMatchObject({
      explanation: { code: "StackFailed", why: expect.stringContaining("not empty") },
    });
    await s3.deleteObject(at);
    expect((await bring("full")).stack.StackStatus).toBe("CREATE_COMPLETE");
    s3.destroy();
  });

  it("after UPDATE_ROLLBACK_FAILED it goes back and is updated, without another one taking its place", async () => {
    const iam = new IAM(cauce.client);
    const RoleName = "deployer";
    const statement = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement });
    const { Role } = await iam.createRole({
      RoleName,
      AssumeRolePolicyDocument: statement({
        Effect: "Allow",
        Principal: { Service: "cloudformation.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    });
    const allowed = (Effect: string) =>
      iam.putRolePolicy({
        RoleName,
        PolicyName: "p",
        PolicyDocument: statement([
          { Effect: "Allow", Action: "logs:*", Resource: "*" },
          { Effect, Action: "logs:DeleteRetentionPolicy", Resource: "*" },
        ]),
      });
    await allowed("Deny");
    const StackName = "stuck";
    const { StackId } = await cfn.createStack({
      StackName,
      RoleARN: Role?.Arn,
      TemplateBody: body({ A: group("stuck") }),
    });
    await reached(StackName, "CREATE_COMPLETE");
    const failing = { A: group("stuck", { RetentionInDays: 7 }), B: { ...group("taken"), DependsOn: "A" } };
    await cfn.updateStack({ StackName, RoleARN: Role?.Arn, TemplateBody: body(failing) });
    await reached(StackName, "UPDATE_ROLLBACK_FAILED");
    await expect(bring(StackName)).rejects.toMatchObject({
      explanation: { code: "StackStuck", why: expect.stringContaining("logs:DeleteRetentionPolicy") },
    });
    await allowed("Allow");
    expect((await bring(StackName)).stack).toMatchObject({ StackId, StackStatus: "UPDATE_COMPLETE" });
    iam.destroy();
  });
});
