// Runs a Node function: asks the Runtime API for invocations, calls the handler, posts what it answers. Imports as little as it can:
// everything here is part of the cold start. docs/contracts/lambda-runtime.md is the contract.
import { writeSync } from "node:fs";
import { RuntimeApi } from "./node-api.mjs";
import { loadHandler } from "./node-handler.mjs";
import { patchConsole } from "./node-console.mjs";

const env = process.env;
const api = new RuntimeApi(env.AWS_LAMBDA_RUNTIME_API);
// The server is gone: nobody waits for an answer.
api.onClosed = () => process.exit(0);
if (env.CAUCE_SPARE) await becomeFunction();
const current = patchConsole();
const callbacksAreGone =
  Number(/^nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV?.replace("AWS_Lambda_", "") ?? "")?.[1] ?? 0) >= 24;
let failed = false;

process.on("uncaughtException", (error) => die(error, "Uncaught Exception", 129));
process.on("unhandledRejection", (reason) => {
  const error = new Error(reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
  error.name = "Runtime.UnhandledPromiseRejection";
  if (reason instanceof Error) error.stack = reason.stack;
  die(error, "Unhandled Promise Rejection", 128);
});

let handler;
try {
  handler = await loadHandler(env.LAMBDA_TASK_ROOT, env._HANDLER);
  if (callbacksAreGone && handler.length >= 3) {
    throw Object.assign(new Error(CALLBACKS_ARE_GONE()), { name: "Runtime.CallbackHandlerDeprecated" });
  }
} catch (error) {
  log(error, "Uncaught Exception");
  await api.initError(toBody(error), toType(error));
  process.exit(1);
}

let invocation = await api.next();
for (;;) {
  current.requestId = invocation.requestId;
  current.done = false;
  if (invocation.traceId) env._X_AMZN_TRACE_ID = invocation.traceId;
  let answer;
  try {
    answer = { body: toText(await run(JSON.parse(invocation.body), toContext(invocation))) };
  } catch (error) {
    log(error, "Invoke Error");
    answer = { error: toBody(error), type: toType(error) };
  }
  current.done = true;
  invocation = await api.answer(invocation.requestId, answer);
}

/** A spare process was started before anybody knew for which function: now it is told. */
async function becomeFunction() {
  const assigned = await api.assignment();
  for (const name of Object.keys(env)) delete env[name];
  Object.assign(env, assigned.env);
  process.chdir(assigned.cwd);
  api.moveTo(env.AWS_LAMBDA_RUNTIME_API);
}

function run(event, context) {
  return new Promise((resolve, reject) => {
    const emptyLoop = () => resolve(null);
    const settle = (error, result) => {
      const end = () => (error === null || error === undefined ? resolve(result) : reject(error));
      if (!context.callbackWaitsForEmptyEventLoop) return end();
      // AWS: a callback's answer waits until nothing is left to do, unless the context says otherwise.
      process.removeListener("beforeExit", emptyLoop);
      process.once("beforeExit", end);
    };
    if (!callbacksAreGone) {
      context.done = settle;
      context.succeed = (result) => settle(null, result);
      context.fail = (error) => settle(error ?? "handled");
    }
    // The connection must not keep the loop alive while the handler runs: "the loop is empty" means the handler has nothing left.
    api.unref();
    process.once("beforeExit", emptyLoop);
    const returned = callbacksAreGone ? handler(event, context) : handler(event, context, settle);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    else if (callbacksAreGone) resolve(returned);
  }).finally(() => {
    process.removeAllListeners("beforeExit");
    api.ref();
  });
}

function toContext({ requestId, deadline, functionArn, clientContext, cognitoIdentity }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: functionArn,
    awsRequestId: requestId,
    ...(clientContext && { clientContext: JSON.parse(clientContext) }),
    ...(cognitoIdentity && { identity: JSON.parse(cognitoIdentity) }),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function toText(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (error) {
    throw Object.assign(new Error("Unable to stringify response body", { cause: error }), {
      name: "Runtime.JSONStringifyError",
    });
  }
}

function toType(error) {
  return error instanceof Error ? String(error.name) : typeof error;
}

function toBody(error) {
  if (!(error instanceof Error))
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
  return JSON.stringify({
    errorType: toType(error),
    errorMessage: error.message,
    trace: (error.stack ?? "").split("\n"),
  });
}

function log(error, title) {
  const told =
    error instanceof Error
      ? { errorType: toType(error), errorMessage: error.message, ...error, stack: (error.stack ?? "").split("\n") }
      : { errorType: typeof error, errorMessage: String(error), stack: [] };
  let text;
  try {
    text = JSON.stringify(told);
  } catch {
    text = JSON.stringify({ errorType: told.errorType, errorMessage: told.errorMessage, stack: told.stack });
  }
  const id = current.requestId ?? "undefined";
  try {
    writeSync(1, `${new Date().toISOString()}\t${id}\tERROR\t${title} \t${text}\n`);
  } catch {
    // Nobody reads any more.
  }
}

async function die(error, title, code) {
  if (failed) return;
  failed = true;
  log(error, title);
  api.ref();
  const posted =
    current.requestId && !current.done
      ? api.error(current.requestId, toBody(error), toType(error))
      : handler
        ? undefined
        : api.initError(toBody(error), toType(error));
  await posted;
  process.exit(code);
}

function CALLBACKS_ARE_GONE() {
  return "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";
}
