import { SageMakerRuntime } from "@aws-sdk/client-sagemaker-runtime";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shareRuntimes } from "#test/shared-runtimes";
import { makeArchive } from "./archives.ts";
import { type HostingTarget, openTarget, prepare, SCRIPT } from "./hosting-target.ts";

let target: HostingTarget;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-workers-"));
  await shareRuntimes(home);
  target = await openTarget({ home });
  await prepare(target.iam, target.s3);
  await serve("workers");
}, 600_000);
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** Says which worker answers and how often it has since it loaded; does what it is asked. */
const MODEL = `
import json, os, time, uuid
def model_fn(model_dir):
    print("loaded", flush=True)
    return {"worker": uuid.uuid4().hex, "answers": 0}
def transform_fn(model, data, content_type, accept):
    asked = json.loads(data)
    model["answers"] += 1
    if asked.get("sleep"): time.sleep(asked["sleep"])
    if asked.get("die"): os.kill(os.getpid(), 9)
    if asked.get("eat"): bytearray(asked["eat"])
    return json.dumps(model), "application/json"
`;

async function serve(name: string, environment: Record<string, string> = {}): Promise<void> {
  await target.model(name, makeArchive({ "code/inference.py": MODEL }), { ...SCRIPT, ...environment });
  await target.sagemaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
  expect(await target.settled(name)).toMatchObject({ EndpointStatus: "InService" });
}

async function ask(asked: object, name = "workers"): Promise<Answer> {
  return JSON.parse((await target.invoke(name, JSON.stringify(asked))).body) as Answer;
}

it("answers in parallel, each worker with the model that it has loaded once", async () => {
  // The second worker follows the first.
  await expect.poll(async () => (await workersOf(6)).size, { timeout: 20_000 }).toBe(2);
  const answers = await many(20, 0.01);
  expect(new Set(answers.map(({ worker }) => worker)).size).toBe(2);
  expect(Math.max(...answers.map((answer) => answer.answers))).toBeGreaterThan(10);
});

it("loses the one request that kills its worker, and no other", async () => {
  const before = await workersOf(6);
  const others = many(30, 0.02);
  await expect(ask({ die: true })).rejects.toMatchObject({ name: "ModelError", OriginalStatusCode: 500 });
  expect(await others).toHaveLength(30);
  const started = async () => [...(await workersOf(6))].filter((worker) => !before.has(worker)).length;
  await expect.poll(started, { timeout: 20_000 }).toBe(1);
});

it("goes on when every worker has died: whoever comes waits for the next one", async () => {
  await serve("alone", { SAGEMAKER_MODEL_SERVER_WORKERS: "1" });
  const { worker } = await ask({}, "alone");
  const dead = ask({ die: true }, "alone").catch((error: Error) => error.name);
  const late = ask({}, "alone");
  expect(await dead).toBe("ModelError");
  expect((await late).worker).not.toBe(worker);
});

it("tells a caller whose request needs more memory than there is, and serves the next", async () => {
  await expect(ask({ eat: 2 ** 60 })).rejects.toMatchObject({ name: "ModelError", OriginalStatusCode: 500 });
  expect((await ask({})).answers).toBeGreaterThan(1);
});

it("sheds load with 503 and Retry-After, and does not grow", { timeout: 60_000 }, async () => {
  const crowd = new SageMakerRuntime({
    ...target.cauce.client,
    maxAttempts: 1,
    requestHandler: { httpAgent: { maxSockets: 700 } },
  });
  const before = process.memoryUsage().rss;
  const body = JSON.stringify({ sleep: 0.05, pad: "x".repeat(10_000) });
  const one = () =>
    crowd.invokeEndpoint({ EndpointName: "workers", Body: body, ContentType: "application/json" }).then(
      () => ({ status: 200, retryAfter: undefined }),
      ({ $metadata, $response }: Answered) => ({
        status: $metadata.httpStatusCode,
        retryAfter: $response?.headers["retry-after"],
      }),
    );
  const answers = await Promise.all(Array.from({ length: 500 }, one));
  const shed = answers.filter(({ status }) => status === 503);
  expect(answers.filter(({ status }) => status === 200).length + shed.length).toBe(500);
  expect(shed.length).toBeGreaterThan(50);
  expect(shed.every(({ retryAfter }) => retryAfter === "1")).toBe(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  crowd.destroy();
});

interface Answer {
  readonly worker: string;
  /** So many since it has loaded. */
  readonly answers: number;
}

interface Answered {
  readonly $metadata: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers: Readonly<Record<string, string>> };
}

function many(count: number, sleep: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => ask({ sleep })));
}

async function workersOf(count: number): Promise<Set<string>> {
  return new Set((await many(count, 0.05)).map(({ worker }) => worker));
}

it("throttles a serverless endpoint that is asked more at a time than agreed: 400 and ThrottlingException", async () => {
  await target.model("narrow", makeArchive({ "code/inference.py": MODEL }));
  const ServerlessConfig = { MemorySizeInMB: 1024, MaxConcurrency: 1 };
  await target.sagemaker.createEndpointConfig({
    EndpointConfigName: "narrow-serverless",
    ProductionVariants: [{ VariantName: "AllTraffic", ModelName: "narrow", ServerlessConfig }],
  });
  await target.sagemaker.createEndpoint({ EndpointName: "narrow", EndpointConfigName: "narrow-serverless" });
  expect(await target.settled("narrow")).toMatchObject({ EndpointStatus: "InService" });
  const slow = ask({ sleep: 1 }, "narrow");
  const once = new SageMakerRuntime({ ...target.cauce.client, maxAttempts: 1 });
  const second = async () =>
    once.invokeEndpoint({ EndpointName: "narrow", Body: "{}", ContentType: "application/json" });
  await expect
    .poll(
      () =>
        second().then(
          () => "answered",
          (error: unknown) => error,
        ),
      { timeout: 900, interval: 50 },
    )
    .toMatchObject({ name: "ThrottlingException", $metadata: { httpStatusCode: 400 } });
  expect(await slow).toMatchObject({ answers: expect.any(Number) });
  expect(await ask({}, "narrow")).toMatchObject({ answers: expect.any(Number) });
  once.destroy();
});
