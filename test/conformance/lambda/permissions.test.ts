import { EventBridge } from "@aws-sdk/client-eventbridge";
import { Lambda } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, it } from "vitest";
import { takeRole } from "#test/take-role";
import { eventually, type LambdaCase, makeRole, startLambdaCase } from "./lambda-case.ts";

let on: LambdaCase;
beforeAll(async () => {
  on = await startLambdaCase();
});
afterAll(async () => {
  await on[Symbol.asyncDispose]();
});

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:";

it("lets a service invoke a function only where the function's policy says so, for that source", async () => {
  const events = new EventBridge(on.cauce.client);
  await on.make("target", {
    "index.js": `exports.handler = async (event) => { console.log("got", event.detail.n); };`,
  });
  const pattern = JSON.stringify({ source: ["app"] });
  const { RuleArn: rule = "" } = await events.putRule({ Name: "rule", EventPattern: pattern });
  await events.putTargets({ Rule: "rule", Targets: [{ Id: "1", Arn: `${ARN}target` }] });
  const send = (n: number) =>
    events.putEvents({ Entries: [{ Source: "app", DetailType: "t", Detail: JSON.stringify({ n }) }] });
  const add = (StatementId: string, SourceArn: string) =>
    on.lambda.addPermission({
      FunctionName: "target",
      StatementId,
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn,
    });

  await send(1);
  await add("other", `${rule}-other`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await send(2);
  await new Promise((resolve) => setTimeout(resolve, 700));
  await expect(on.messages("target")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await add("this", rule);
  await send(3);
  const got = await eventually(async () => (await on.messages("target")).find((message) => message.includes("got 3")));
  expect(got).toBeDefined();
});

it("refuses a role that may not invoke, in AWS's words", async () => {
  await on.make("guarded", { "index.js": "exports.handler = async () => 1;" });
  const root = { AWS: "arn:aws:iam::000000000000:root" };
  const arn = await makeRole(on.iam, "caller", root, [
    { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: `${ARN}other` },
  ]);
  const credentials = await takeRole(on.cauce.client, arn, "me");
  const caller = new Lambda({ ...on.cauce.client, credentials });
  await expect(caller.invoke({ FunctionName: "guarded" })).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: `User: arn:aws:sts::000000000000:assumed-role/caller/me is not authorized to perform: lambda:InvokeFunction on resource: ${ARN}guarded because no identity-based policy allows the lambda:InvokeFunction action`,
    $metadata: { httpStatusCode: 403 },
  });
  await on.lambda.addPermission({
    FunctionName: "guarded",
    StatementId: "role",
    Action: "lambda:InvokeFunction",
    Principal: arn,
  });
  expect((await caller.invoke({ FunctionName: "guarded" })).StatusCode).toBe(200);
});
