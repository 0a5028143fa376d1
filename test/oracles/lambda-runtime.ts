import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a function made of an event: its answer, or its error as Lambda hands it on. */
export interface Answered {
  readonly kind: "response" | "error" | "init/error";
  readonly body: Record<string, unknown>;
}

export interface LambdaFunction {
  readonly code: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts a function in a sandbox like Lambda's, under AWS's own runtime client, gives it events one after another, and ends it. */
export async function runInLambda(
  runtime: string,
  of: LambdaFunction,
  events: readonly unknown[],
): Promise<Answered[]> {
  const answers: Answered[] = [];
  let said = "";
  const waiting = events.map((event) => JSON.stringify(event));
  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      const event = waiting.shift();
      // Lambda does not answer until there is an event.
      if (event === undefined) return;
      response.writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": `request-${events.length - waiting.length}`,
        "lambda-runtime-deadline-ms": String(Date.now() + 60_000),
        "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
      });
      response.end(event);
      return;
    }
    const kind = /(response|error)$/.exec(path)?.[0] as "response" | "error";
    void read(request).then((text) => {
      const id = Number(/request-(\d+)/.exec(path)?.[1] ?? 1);
      answers[id - 1] = { kind: path === "init/error" ? path : kind, body: JSON.parse(text) as Answered["body"] };
      response.writeHead(202).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const child = start(runtime, of, `127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  try {
    for (let i = 0; i < 600 && Object.keys(answers).length < events.length && child.exitCode === null; i++)
      await sleep(50);
    if (Object.keys(answers).length < events.length && answers[0]?.kind !== "init/error")
      throw new Error(`The function has ended, or does not answer (exit ${child.exitCode}):\n${said}`);
    return answers;
  } finally {
    child.kill("SIGKILL");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function start(runtime: string, { code, handler, environment }: LambdaFunction, api: string): ChildProcess {
  const variables = {
    AWS_LAMBDA_RUNTIME_API: api,
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: "f",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/f",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
    ...environment,
  };
  const given = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const sandbox = join(runtime, "sandbox.sh");
  return spawn("unshare", ["--mount", "--propagation", "private", sandbox, code, runtime, handler, ...given]);
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
