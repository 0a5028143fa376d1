import {
  CloudFormation,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LambdaCase, startLambdaCase } from "./lambda-case.ts";

let on: LambdaCase;
let cloudformation: CloudFormation;
beforeAll(async () => {
  on = await startLambdaCase();
  cloudformation = new CloudFormation(on.cauce.client);
});
afterAll(async () => {
  expect(on.cauce.reports).toEqual([]);
  await on[Symbol.asyncDispose]();
});

const StackName = "fn-stack";
const waiting = () => ({ client: cloudformation, maxWaitTime: 30, minDelay: 1, maxDelay: 1 });

function template(code: string, more: object = {}): string {
  return JSON.stringify({
    Resources: {
      Logs: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/aws/lambda/from-stack", RetentionInDays: 7 } },
      Fn: {
        Type: "AWS::Lambda::Function",
        Properties: {
          FunctionName: "from-stack",
          Role: on.role,
          Runtime: "nodejs20.x",
          Handler: "index.handler",
          Code: { ZipFile: code },
          ...more,
        },
      },
      Allow: {
        Type: "AWS::Lambda::Permission",
        Properties: { FunctionName: { Ref: "Fn" }, Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" },
      },
    },
    Outputs: { Arn: { Value: { "Fn::GetAtt": ["Fn", "Arn"] } }, LogsArn: { Value: { "Fn::GetAtt": ["Logs", "Arn"] } } },
  });
}

it("makes, changes and removes a function with its permission and its log group", async () => {
  await cloudformation.createStack({
    StackName,
    TemplateBody: template("exports.handler = async () => 1;", { Environment: { Variables: { NUMBER: 5 } } }),
  });
  await waitUntilStackCreateComplete(waiting(), { StackName });
  const { Stacks: [stack] = [] } = await cloudformation.describeStacks({ StackName });
  expect(stack?.Outputs?.map((output) => output.OutputValue)).toEqual([
    "arn:aws:lambda:us-east-1:000000000000:function:from-stack",
    "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/from-stack:*",
  ]);
  expect((await on.invoke("from-stack")).value).toBe(1);
  expect((await on.lambda.getFunctionConfiguration({ FunctionName: "from-stack" })).Environment?.Variables).toEqual({
    NUMBER: "5",
  });
  expect((await on.lambda.getPolicy({ FunctionName: "from-stack" })).Policy).toContain("events.amazonaws.com");

  await cloudformation.updateStack({
    StackName,
    TemplateBody: template("exports.handler = async () => 2;", { Timeout: 9 }),
  });
  await waitUntilStackUpdateComplete(waiting(), { StackName });
  expect((await on.invoke("from-stack")).value).toBe(2);
  const changed = await on.lambda.getFunctionConfiguration({ FunctionName: "from-stack" });
  expect([changed.Timeout, changed.Environment?.Variables]).toEqual([9, undefined]);

  await cloudformation.deleteStack({ StackName });
  await waitUntilStackDeleteComplete(waiting(), { StackName });
  await expect(on.lambda.getFunction({ FunctionName: "from-stack" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  expect((await on.logs.describeLogGroups({ logGroupNamePrefix: "/aws/lambda/from-stack" })).logGroups).toEqual([]);
});
