import { afterAll, beforeAll, expect, it } from "vitest";
import { waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { eventually, type LambdaCase, startLambdaCase } from "./lambda-case.ts";

let on: LambdaCase;
beforeAll(async () => {
  on = await startLambdaCase();
});
afterAll(async () => {
  expect(on.cauce.reports).toEqual([]);
  await on[Symbol.asyncDispose]();
});

async function makePython(name: string, text: string, more = {}): Promise<void> {
  await on.make(
    name,
    { "lambda_function.py": text },
    { Runtime: "python3.12", Handler: "lambda_function.lambda_handler", Timeout: 10, ...more },
  );
  await waitUntilFunctionActiveV2(
    { client: on.lambda, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
    { FunctionName: name },
  );
}

it("has boto3, which finds this server and the function's role", async () => {
  await makePython(
    "boto",
    `import boto3, os
def lambda_handler(event, context):
    return {"arn": boto3.client("sts").get_caller_identity()["Arn"], "event": event, "left": context.get_remaining_time_in_millis() > 0, "id": context.aws_request_id, "env": os.environ["ENDPOINT_NAME"]}`,
    { Environment: { Variables: { ENDPOINT_NAME: "churn" } }, Timeout: 30, MemorySize: 512 },
  );
  const { value, error } = await on.invoke("boto", { a: "ü" });
  expect(error).toBeUndefined();
  expect(value).toMatchObject({
    arn: "arn:aws:sts::000000000000:assumed-role/fn/boto",
    event: { a: "ü" },
    left: true,
    env: "churn",
  });
});

it("logs what is printed and logged, with AWS's prefix", async () => {
  await makePython(
    "logging",
    `import logging
logger = logging.getLogger()
logger.setLevel("INFO")
def lambda_handler(event, context):
    print("printed")
    logger.info("logged\\nin two lines")`,
  );
  const { LogResult } = await on.lambda.invoke({ FunctionName: "logging", LogType: "Tail" });
  const tail = Buffer.from(LogResult ?? "", "base64").toString();
  expect(tail).toMatch(/START .*\nprinted\n\[INFO\]\t\d{4}-\S+Z\t[0-9a-f-]{36}\tlogged\nin two lines\nEND /);
});

it("answers errors as AWS does", async () => {
  await makePython(
    "failing",
    `import sys, time, datetime
def lambda_handler(event, context):
    how = event.get("how")
    if how == "raise": return 1 / 0
    if how == "exit": sys.exit(2)
    if how == "date": return datetime.datetime.now()
    if how == "sleep": time.sleep(60)
    return "fine"`,
    { Timeout: 1 },
  );
  expect(await on.invoke("failing", { how: "raise" })).toEqual({
    error: "Unhandled",
    value: {
      errorMessage: "division by zero",
      errorType: "ZeroDivisionError",
      requestId: expect.any(String) as string,
      stackTrace: [
        expect.stringMatching(
          /^ {2}File ".+\/lambda_function\.py", line 4, in lambda_handler\n {4}if how == "raise": return 1 \/ 0\n/,
        ),
      ],
    },
  });
  expect((await on.invoke("failing", { how: "date" })).value).toMatchObject({
    errorType: "Runtime.MarshalError",
    errorMessage: "Unable to marshal response: Object of type datetime is not JSON serializable",
  });
  expect((await on.invoke("failing", { how: "exit" })).value).toMatchObject({
    errorType: "Runtime.ExitError",
    errorMessage: expect.stringContaining("exit status 2"),
  });
  expect((await on.invoke("failing", { how: "sleep" })).value).toMatchObject({ errorType: "Sandbox.Timedout" });
  expect((await on.invoke("failing")).value).toBe("fine");
});

it("answers what is wrong with a module or a handler", async () => {
  await makePython("noimport", "import not_there\ndef lambda_handler(e, c): pass");
  expect((await on.invoke("noimport")).value).toMatchObject({
    errorType: "Runtime.ImportModuleError",
    errorMessage: "Unable to import module 'lambda_function': No module named 'not_there'",
  });
  await makePython("nohandler", "x = 1");
  expect((await on.invoke("nohandler")).value).toMatchObject({
    errorType: "Runtime.HandlerNotFound",
    errorMessage: "Handler 'lambda_handler' missing on module 'lambda_function'",
  });
  await makePython("syntax", "def lambda_handler(:");
  expect((await on.invoke("syntax")).value).toMatchObject({ errorType: "Runtime.UserCodeSyntaxError" });
  const messages = await eventually(async () => {
    const found = await on.messages("syntax");
    return found.some((message) => message.startsWith("INIT_REPORT")) ? found : undefined;
  });
  expect(
    messages.some((message) =>
      message.startsWith("[ERROR] Runtime.UserCodeSyntaxError: Syntax error in module 'lambda_function'"),
    ),
  ).toBe(true);
});
