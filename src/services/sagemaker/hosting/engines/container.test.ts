import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { shareRuntimes } from "#test/shared-runtimes";
import type { VariantRow } from "../state.ts";
import { type ContainerOptions, createContainerEngine } from "./container.ts";
import type { Engine, EngineRequest } from "./engine.ts";

let home = "";
let engine: Engine | undefined;
const said: string[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cauce-engine-"));
  said.length = 0;
});
afterEach(async () => {
  await engine?.stop(0);
  engine = undefined;
  rmSync(home, { recursive: true, force: true });
});

async function load(code: string): Promise<Engine> {
  await shareRuntimes(home);
  const folder = join(home, "hosting", "one");
  mkdirSync(join(folder, "ml/model/code"), { recursive: true });
  writeFileSync(join(folder, "ml/model/code/inference.py"), code);
  const settings = {
    home,
    account: "000000000000",
    region: "us-east-1",
    host: "127.0.0.1",
    port: 0,
    assets: resolve(import.meta.dirname, "../../../../.."),
  };
  const options: ContainerOptions = {
    settings,
    folder,
    variant: VARIANT,
    credentials: {},
    write: (line) => said.push(line),
    signal: new AbortController().signal,
  };
  engine = await createContainerEngine(options);
  return engine;
}

it("gives up a worker that hangs, and the next request goes to a new one", { timeout: 60_000 }, async () => {
  const { invoke } = await load(`
import time, uuid
def model_fn(folder): return uuid.uuid4().hex
def transform_fn(model, data, content_type, accept):
    if data == "hang": time.sleep(1000)
    return model, "text/plain"
`);
  const first = await invoke(ask("who"));
  const hanging = invoke(ask("hang", 300));
  const waiting = invoke(ask("who"));
  expect(await hanging).toMatchObject({ status: 0, body: expect.stringMatching(/^Your invocation timed out/) });
  const next = await waiting;
  expect(next.status).toBe(200);
  expect(String(next.body)).not.toBe(String(first.body));
  expect(said).toContain("Worker 0 ended; another one is started.");
});

it.each([
  [
    "raises while it loads",
    "def model_fn(folder):\n    raise ValueError('no weights here')\n",
    /ValueError: no weights here .*inference\.py", line 2/,
  ],
  ["is not Python", "def model_fn(folder)\n    return 1\n", /SyntaxError: expected ':'.*inference\.py", line 1/s],
  [
    "wants a package that is not there",
    "import a_package_of_nobody\n",
    /ModuleNotFoundError: No module named 'a_package_of_nobody' .*inference\.py", line 1/,
  ],
  ["ends while it loads", "import os\nos.kill(os.getpid(), 9)\n", /the program was killed \(out of memory\?\)/],
  ["has no model_fn", "x = 1\n", /Please provide a model_fn implementation in inference\.py/],
])("says why a program that %s cannot serve", { timeout: 60_000 }, async (_what, code, why) => {
  await expect(load(code)).rejects.toThrow(
    new RegExp(`^The primary container .* did not pass the ping health check.*${why.source}`, "s"),
  );
});

function ask(body: string, milliseconds?: number): EngineRequest {
  return {
    body: Buffer.from(body),
    contentType: "text/csv",
    accept: undefined,
    customAttributes: undefined,
    inferenceId: undefined,
    ...(milliseconds !== undefined && { milliseconds }),
  };
}

const VARIANT = {
  name: "AllTraffic",
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
  environment: {
    SAGEMAKER_PROGRAM: "inference.py",
    SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
    SAGEMAKER_MODEL_SERVER_WORKERS: "1",
  },
} as unknown as VariantRow;
