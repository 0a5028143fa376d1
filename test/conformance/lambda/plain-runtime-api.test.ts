import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testPython } from "#test/cauce-process";

const RUNTIMES = resolve(import.meta.dirname, "../../../src/services/lambda/runtimes");
const MODULES = {
  "index.mjs": "export const handler = async (event) => ({ doubled: event.number * 2 });\n",
  "index.py": "def handler(event, context):\n    return {'doubled': event['number'] * 2}\n",
};
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cauce-plain-api-"));
  for (const [name, text] of Object.entries(MODULES)) await writeFile(join(folder, name), text);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * A server that knows nothing of Cauce-And-Next: AWS's own, or one of Cauce that has been running since before an update brought
 * the runtimes that it starts.
 */
describe("a Runtime API that answers 202 to an answer, as AWS's does", () => {
  it.each([
    ["Node", () => [process.execPath, join(RUNTIMES, "node.mjs")]],
    ["Python", () => [testPython(), join(RUNTIMES, "python.py")]],
  ])(
    "%s: is asked for each invocation, answered once, and left when it has forgotten the process",
    async (_, command) => {
      const asked: string[] = [];
      const server = serve(asked, 3);
      await once(server.listen(0, "127.0.0.1"), "listening");
      try {
        const { port } = server.address() as AddressInfo;
        const [program = "", ...args] = command();
        const child = spawn(program, args, { cwd: folder, env: environment(port), stdio: "ignore" });
        const [code] = (await once(child, "exit")) as [number | null];
        const answers = [0, 1, 2].map((id) => `POST id-${id}/response {"doubled":${id * 2}}`);
        expect(asked).toEqual([...answers.flatMap((answer) => ["GET next", answer]), "GET next"]);
        expect(code).toBe(1);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    },
  );
});

function serve(asked: string[], invocations: number): Server {
  let given = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await buffer(request)).toString();
    const path = (request.url ?? "").replace("/2018-06-01/runtime/invocation/", "");
    asked.push(`${request.method ?? ""} ${path} ${body.replaceAll(" ", "")}`.trim());
    if (request.method === "POST") send(response, 202, { body: '{"status":"OK"}' });
    else if (given === invocations) send(response, 404, { body: '{"errorType":"InvalidPath"}' });
    else send(response, 200, { id: `id-${given}`, body: JSON.stringify({ number: given++ }) });
  };
  return createServer((request, response) => void answer(request, response));
}

function send(response: ServerResponse, status: number, { body, id }: { readonly body: string; readonly id?: string }) {
  const invocation = id !== undefined && {
    "Lambda-Runtime-Aws-Request-Id": id,
    "Lambda-Runtime-Deadline-Ms": Date.now() + 60_000,
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:double",
  };
  response.writeHead(status, { "Content-Length": Buffer.byteLength(body), ...invocation });
  response.end(body);
}

function environment(port: number): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: "index.handler",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
    AWS_LAMBDA_FUNCTION_NAME: "double",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/double",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
  };
}
