import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type LambdaCase, makeRole, startLambdaCase } from "./lambda-case.ts";

let on: LambdaCase;
beforeAll(async () => {
  on = await startLambdaCase();
});
afterAll(async () => {
  expect(on.cauce.reports).toEqual([]);
  await on[Symbol.asyncDispose]();
});

it("gives the event, the context and AWS's environment, and nothing of the server's", async () => {
  process.env["SECRET_OF_THE_SERVER"] = "x";
  const code = `exports.handler = async (event, context) => ({ event, context, env: process.env, left: context.getRemainingTimeInMillis() });`;
  await on.make(
    "context",
    { "index.js": code },
    { Environment: { Variables: { ENDPOINT_NAME: "churn" } }, Timeout: 7, MemorySize: 256 },
  );
  const { value, error } = await on.invoke("context", { a: [1, "ü"] });
  expect(error).toBeUndefined();
  const { event, context, env, left } = value as {
    event: unknown;
    context: Record<string, unknown>;
    env: Record<string, string>;
    left: number;
  };
  expect(event).toEqual({ a: [1, "ü"] });
  expect(context).toMatchObject({
    functionName: "context",
    functionVersion: "$LATEST",
    memoryLimitInMB: "256",
    logGroupName: "/aws/lambda/context",
  });
  expect(context["invokedFunctionArn"]).toBe("arn:aws:lambda:us-east-1:000000000000:function:context");
  expect(context["logStreamName"]).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  expect(left).toBeGreaterThan(5000);
  expect(env).toMatchObject({
    ENDPOINT_NAME: "churn",
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: "context",
    TZ: ":UTC",
  });
  expect(env["AWS_ACCESS_KEY_ID"]).toMatch(/^ASIA/);
  expect(env["AWS_ENDPOINT_URL"]).toBe(on.cauce.endpoint);
  expect(env["SECRET_OF_THE_SERVER"]).toBeUndefined();
});

it("uses one process again, and another one for an invocation at the same time", async () => {
  const code = `let n = 0; exports.handler = async ({ ms = 0 }) => { n++; await new Promise((r) => setTimeout(r, ms)); return [process.env.AWS_LAMBDA_LOG_STREAM_NAME, n]; };`;
  await on.make("again", { "index.js": code });
  const first = (await on.invoke("again")).value as [string, number];
  expect((await on.invoke("again")).value).toEqual([first[0], 2]);
  const [a, b] = await Promise.all([on.invoke("again", { ms: 1500 }), on.invoke("again", { ms: 1500 })]);
  expect((a.value as string[])[0]).not.toBe((b.value as string[])[0]);
});

it("writes START, the function's lines, END and REPORT to its log group, and the tail on request", async () => {
  await on.make("logging", {
    "index.js": `exports.handler = async () => { console.log("one\\ntwo", { x: 1 }); console.error("bad"); process.stdout.write("raw\\n"); };`,
  });
  const { LogResult, StatusCode } = await on.lambda.invoke({ FunctionName: "logging", LogType: "Tail" });
  expect(StatusCode).toBe(200);
  const tail = Buffer.from(LogResult ?? "", "base64").toString();
  const id = /START RequestId: (\S+) Version: \$LATEST/.exec(tail)?.[1] ?? "";
  expect(tail).toMatch(new RegExp(`\\t${id}\\tINFO\\tone\ntwo { x: 1 }\n`));
  expect(tail).toMatch(
    new RegExp(
      `\\t${id}\\tERROR\\tbad\nraw\nEND RequestId: ${id}\nREPORT RequestId: ${id}\\tDuration: [\\d.]+ ms\\tBilled`,
    ),
  );
  const messages = await eventually(async () => {
    const found = await on.messages("logging");
    return found.some((message) => message.startsWith("REPORT")) ? found : undefined;
  });
  expect(messages.map((message) => /^(INIT_START|START|END|REPORT|raw)|\t(one|bad)/.exec(message)?.[0].trim())).toEqual(
    ["INIT_START", "START", "one", "bad", "raw", "END", "REPORT"],
  );
});

it("leaves no log when the role may not write any, and runs all the same", async () => {
  const role = await makeRole(on.iam, "no-logs", "lambda.amazonaws.com", []);
  await on.make("silent", { "index.js": `exports.handler = async () => 1;` }, { Role: role });
  expect((await on.invoke("silent")).value).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await expect(on.logs.describeLogStreams({ logGroupName: "/aws/lambda/silent" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

it("answers errors as AWS does: thrown, of the wrong kind, not to be stringified", async () => {
  const code = `exports.handler = async ({ how }) => {
    if (how === "type") return undefined.x;
    if (how === "text") throw "plain";
    if (how === "big") return 1n;
  };`;
  await on.make("failing", { "index.js": code });
  const thrown = await on.invoke("failing", { how: "type" });
  expect(thrown.error).toBe("Unhandled");
  expect(thrown.value).toMatchObject({
    errorType: "TypeError",
    errorMessage: "Cannot read properties of undefined (reading 'x')",
  });
  expect((thrown.value as { trace: string[] }).trace[1]).toContain("index.js:2");
  expect((await on.invoke("failing", { how: "text" })).value).toMatchObject({
    errorType: "string",
    errorMessage: "plain",
  });
  expect((await on.invoke("failing", { how: "big" })).value).toMatchObject({ errorType: "Runtime.JSONStringifyError" });
  expect(await on.invoke("failing", {})).toEqual({ error: undefined, value: null });
});

it("ends a function that takes too long, and the next invocation works", async () => {
  const code = `exports.handler = async ({ hang }) => { if (hang) for (;;); return "fine"; };`;
  await on.make("slow", { "index.js": code }, { Timeout: 1 });
  const { value, error } = await on.invoke("slow", { hang: true });
  expect(error).toBe("Unhandled");
  expect(value).toEqual({
    errorType: "Sandbox.Timedout",
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
  });
  expect((await on.invoke("slow", {})).value).toBe("fine");
  const messages = await eventually(async () => {
    const found = await on.messages("slow");
    return found.some((message) => message.includes("Status: timeout")) ? found : undefined;
  });
  expect(messages.some((message) => /^\S+Z \S+ Task timed out after 1\.00 seconds\n/.test(message))).toBe(true);
});

it("says how a process ended: exit, kill, an error outside of the handler", async () => {
  const code = `exports.handler = async ({ how }) => {
    if (how === "exit") process.exit(3);
    if (how === "kill") process.kill(process.pid, "SIGKILL");
    if (how === "later") { setTimeout(() => { throw new RangeError("late"); }, 5); await new Promise(() => {}).catch(() => {}); }
    if (how === "rejected") { void Promise.reject(new Error("nobody")); await new Promise((r) => setTimeout(r, 1000)); }
    return "alive";
  };`;
  await on.make("ending", { "index.js": code });
  const exit = await on.invoke("ending", { how: "exit" });
  expect(exit.value).toEqual({
    errorType: "Runtime.ExitError",
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 3$/),
  });
  expect((await on.invoke("ending", { how: "kill" })).value).toMatchObject({
    errorMessage: expect.stringContaining("signal: killed"),
  });
  expect((await on.invoke("ending", { how: "later" })).value).toMatchObject({
    errorType: "RangeError",
    errorMessage: "late",
  });
  expect((await on.invoke("ending", { how: "rejected" })).value).toMatchObject({
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: "Error: nobody",
  });
  expect((await on.invoke("ending", {})).value).toBe("alive");
});

it("answers what is wrong with a module or a handler", async () => {
  await on.make("missing", { "index.js": `require("not-there"); exports.handler = async () => 1;` });
  expect((await on.invoke("missing")).value).toMatchObject({
    errorType: "Runtime.ImportModuleError",
    errorMessage: expect.stringContaining("Cannot find module 'not-there'"),
  });
  await on.make("nofile", { "other.js": "" });
  expect((await on.invoke("nofile")).value).toMatchObject({
    errorType: "Runtime.ImportModuleError",
    errorMessage: expect.stringContaining("/index'"),
  });
  await on.make("nohandler", { "index.js": "exports.other = 1;" });
  expect((await on.invoke("nohandler")).value).toMatchObject({
    errorType: "Runtime.HandlerNotFound",
    errorMessage: "index.handler is undefined or not exported",
  });
  await on.make("syntax", { "index.js": "exports.handler = async ( => {" });
  expect((await on.invoke("syntax")).value).toMatchObject({ errorType: "Runtime.UserCodeSyntaxError" });
  await on.make("throws", { "index.js": "throw new Error('at start')" });
  expect((await on.invoke("throws")).value).toMatchObject({ errorType: "Error", errorMessage: "at start" });
});

it("runs ES modules, callbacks (until Node 24) and handlers in folders", async () => {
  await on.make("module", { "index.mjs": `const x = await Promise.resolve(5); export const handler = async () => x;` });
  expect((await on.invoke("module")).value).toBe(5);
  await on.make("typed", {
    "package.json": `{"type":"module"}`,
    "index.js": `import { y } from "./lib/y.js"; export const handler = async () => y;`,
    "lib/y.js": "export const y = 6;",
  });
  expect((await on.invoke("typed")).value).toBe(6);
  const callback = `exports.handler = (event, context, callback) => { setTimeout(() => callback(null, "called"), 5); };`;
  await on.make("callback", { "index.js": callback }, { Runtime: "nodejs22.x" });
  expect((await on.invoke("callback")).value).toBe("called");
  await on.make("callback24", { "index.js": callback }, { Runtime: "nodejs24.x" });
  expect((await on.invoke("callback24")).value).toMatchObject({ errorType: "Runtime.CallbackHandlerDeprecated" });
  await on.make(
    "nested",
    { "src/app.js": "exports.api = { run: async () => 'deep' };" },
    { Handler: "src/app.api.run" },
  );
  expect((await on.invoke("nested")).value).toBe("deep");
});

it("keeps AWS's limits of size, and refuses what is not JSON", async () => {
  await on.make("sizes", { "index.js": `exports.handler = async ({ size }) => "x".repeat(size ?? 0);` });
  expect(((await on.invoke("sizes", { size: 6_000_000 })).value as string).length).toBe(6_000_000);
  expect((await on.invoke("sizes", { size: 6_300_000 })).value).toMatchObject({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  });
  const large = JSON.stringify("x".repeat(6_291_456));
  await expect(on.lambda.invoke({ FunctionName: "sizes", Payload: large })).rejects.toMatchObject({
    name: "RequestEntityTooLargeException",
    message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    $metadata: { httpStatusCode: 413 },
  });
  const event = JSON.stringify("x".repeat(1_048_576));
  await expect(
    on.lambda.invoke({ FunctionName: "sizes", InvocationType: "Event", Payload: event }),
  ).rejects.toMatchObject({ name: "RequestEntityTooLargeException" });
  await expect(on.lambda.invoke({ FunctionName: "sizes", Payload: "{nope" })).rejects.toMatchObject({
    name: "InvalidRequestContentException",
  });
});

it("refuses more at once than is reserved", async () => {
  await on.make("reserved", {
    "index.js": `exports.handler = async () => new Promise((r) => setTimeout(() => r(1), 500));`,
  });
  await on.lambda.putFunctionConcurrency({ FunctionName: "reserved", ReservedConcurrentExecutions: 1 });
  const first = on.invoke("reserved");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(on.invoke("reserved")).rejects.toMatchObject({
    name: "TooManyRequestsException",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  });
  expect((await first).value).toBe(1);
});

it("does events later, and again when they fail as often as it is told", async () => {
  const code = `exports.handler = async (event) => { console.log("did", event.n); if (event.fail) throw new Error("no"); };`;
  await on.make("events", { "index.js": code });
  await on.lambda.putFunctionEventInvokeConfig({ FunctionName: "events", MaximumRetryAttempts: 0 });
  const answer = await on.lambda.invoke({
    FunctionName: "events",
    InvocationType: "Event",
    Payload: JSON.stringify({ n: 7 }),
  });
  expect([answer.StatusCode, answer.Payload?.length ?? 0]).toEqual([202, 0]);
  await on.lambda.invoke({
    FunctionName: "events",
    InvocationType: "Event",
    Payload: JSON.stringify({ n: 8, fail: true }),
  });
  const did = await eventually(async () => {
    const found = (await on.messages("events")).filter((message) => message.includes("did"));
    return found.length === 2 ? found : undefined;
  });
  expect(did.map((message) => message.trim().at(-1)).sort()).toEqual(["7", "8"]);
  expect((await on.lambda.invoke({ FunctionName: "events", InvocationType: "DryRun" })).StatusCode).toBe(204);
});
