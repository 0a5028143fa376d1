import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canUnshare } from "#test/namespaces";
import { oracleNode } from "./environments.ts";

export type Platform = "linux-arm64" | "linux-x64";

/** As Debian has them: qemu-user, and the C and C++ libraries of libc6-arm64-cross and libstdc++6-arm64-cross. */
const ARM64 = { emulator: "qemu-aarch64", libraries: "/usr/aarch64-linux-gnu" };
/** For a function's start and answers, where another processor is emulated. */
const PATIENCE = 100_000;

/** What a function made of an event: its answer, or its error as Lambda hands it on. */
export interface Answered {
  readonly kind: "response" | "error" | "init/error";
  readonly body: Record<string, unknown>;
}

/** What stands below a function: AWS's runtime client, the Node of a processor, and what runs that here, if it is not this machine's. */
export interface Runtime {
  readonly client: string;
  readonly node: string;
  readonly emulator: string;
}

export interface LambdaFunction {
  readonly code: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What must stand before a program for the processor, here: nothing, or an emulator; or why neither runs it. */
export function emulatorFor(platform: Platform): { readonly words: string } | { readonly why: string } {
  if (!canUnshare("mount")) return { why: "A sandbox like Lambda's can only be made as root, on Linux." };
  if (platform === `linux-${process.arch}`) return { words: "" };
  if (platform === "linux-x64") return { why: "Functions for x86-64 are started on x86-64 only." };
  const { emulator, libraries } = ARM64;
  if (spawnSync(emulator, ["-version"]).status !== 0) return { why: `There is no ${emulator} on PATH (qemu-user).` };
  if (!existsSync(join(libraries, "lib/libstdc++.so.6")))
    return { why: `There is no libstdc++ for arm64 below ${libraries} (libstdc++6-arm64-cross).` };
  return { words: `${emulator} -L ${libraries}` };
}

export async function lambdaRuntime(platform: Platform, emulator: string): Promise<Runtime> {
  const [client, node] = [await oracleNode("lambda"), await oracleNode(platform)];
  // Its place is asked for; `preload.cjs` says what stands in for it.
  await writeFile(join(client, "node_modules/aws-lambda-ric/rapid-client.node"), "");
  return { client, node: join(node, `node_modules/node-${platform}`), emulator };
}

/** Starts a function in a sandbox like Lambda's, under AWS's own runtime client, gives it events one after another, and ends it. */
export async function runInLambda(
  runtime: Runtime,
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
    for (let i = 0; i < PATIENCE / 50 && Object.keys(answers).length < events.length && child.exitCode === null; i++)
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

function start(runtime: Runtime, { code, handler, environment }: LambdaFunction, api: string): ChildProcess {
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
  const { client, node, emulator } = runtime;
  const sandbox = [join(client, "sandbox.sh"), code, client, node, emulator, handler, ...given];
  return spawn("unshare", ["--mount", "--propagation", "private", ...sandbox]);
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
