import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Target } from "#aws";
import { CauceError } from "#core";
import { destroy, logs, plan, type Progress, type Project, resolveProject, status, type Summary, up } from "#pipeline";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";

const ROOT = resolve(import.meta.dirname, "../../..");

/** The whole way in one process, by the AWS API only: what the command line stands on. */
describe("up", () => {
  let base: string;
  let cauce: TestServer;
  let target: Target;
  let first: Summary;
  const told: Progress[] = [];
  const penguins: Project = { name: "penguins", data: { source: "penguins.csv", target: "species" } };

  const bring = (changes: Partial<Project> = {}, onProgress?: (progress: Progress) => void) =>
    up(target, resolveProject({ ...penguins, ...changes }), {
      folder: base,
      assets: ROOT,
      cache: join(base, "cache"),
      ...(onProgress && { onProgress }),
    });

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "cauce-up-"));
    const home = join(base, "home");
    await shareRuntimes(home);
    await writeFile(join(base, "penguins.csv"), await readFile(join(ROOT, "test/journeys/penguins.csv")));
    cauce = await startCauce({ home });
    target = {
      name: "embedded",
      region: "us-east-1",
      endpoint: cauce.endpoint,
      credentials: cauce.credentials,
      functionPlatform: `${process.platform}-${process.arch}`,
    };
    first = await bring({}, (progress) => told.push(progress));
  }, 300_000);

  afterAll(async () => {
    await cauce?.[Symbol.asyncDispose]();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  const post = async (body: unknown) => {
    const response = await fetch(first.url ?? "", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("ends with a URL and what there is to know about the model", () => {
    expect(first).toMatchObject({
      project: "penguins",
      task: "multiclass",
      target: "species",
      rows: 344,
      version: 1,
      approval: "Approved",
      unchanged: false,
    });
    expect(Object.keys(first.metrics).sort()).toEqual(["accuracy", "f1_macro", "logloss"]);
    expect(first.metrics["accuracy"]).toBeGreaterThan(0.9);
    expect(first.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(
      ["upload", "stack", "extract", "prepare", "train", "evaluate", "gate", "register", "deploy"].map(
        (name) => `${name} done`,
      ),
    );
  });

  it("tells each step's facts as they come to be known", () => {
    const facts = (step: string) => told.findLast((progress) => progress.step === step)?.facts;
    expect(facts("extract")).toMatchObject({ rows: 344 });
    expect(facts("train")).toMatchObject({
      rounds: expect.any(Number),
      metric: expect.any(String),
      score: expect.any(Number),
    });
    expect(facts("gate")).toMatchObject({ passed: true, message: expect.stringContaining("≥") });
    expect(facts("deploy")).toMatchObject({ version: 1, status: "InService", instances: 1 });
  });

  it("serves: one record, many, a missing value, a category never seen", async () => {
    const one = await post(first.example);
    expect(one).toMatchObject({
      status: 200,
      body: { prediction: expect.any(String), probabilities: expect.any(Object) },
    });
    expect((await post([first.example, {}])).body).toHaveLength(2);
    expect((await post({ ...first.example, island: "Atlantis" })).status).toBe(200);
  });

  it("answers a caller's mistake with the field's name", async () => {
    const [field] = Object.keys(first.example).filter((name) => typeof first.example[name] === "number");
    expect(await post({ ...first.example, [field ?? ""]: "abc" })).toMatchObject({
      status: 400,
      body: { error: { code: "WrongType", field } },
    });
    expect(await post({ islnd: "Biscoe" })).toMatchObject({ status: 400, body: { error: { code: "UnknownField" } } });
  });

  it("describes the model at the same path", async () => {
    const described = (await (await fetch(first.url ?? "")).json()) as { fields: { name: string }[]; example: object };
    expect(described).toMatchObject({
      name: "penguins",
      version: 1,
      task: "multiclass",
      target: "species",
      metrics: first.metrics,
    });
    expect(described.fields.map(({ name }) => name)).toContain("island");
    expect((await post(described.example)).status).toBe(200);
  });

  it("lets a page of another origin call", async () => {
    const preflight = await fetch(first.url ?? "", {
      method: "OPTIONS",
      headers: { origin: "https://a.example", "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("does nothing when nothing has changed", async () => {
    const before = await status(target, "penguins");
    const again = await bring();
    expect(again).toMatchObject({ unchanged: true, url: first.url, metrics: first.metrics, steps: [] });
    expect((await status(target, "penguins")).executions).toEqual(before.executions);
    const project = resolveProject(penguins);
    expect(await plan(target, project, { folder: base, assets: ROOT, cache: base })).toMatchObject({
      resources: [],
      steps: [],
      deploys: false,
    });
  });

  it("does only what follows from a change", async () => {
    const changed = await bring({ train: { hyperparameters: { eta: 0.2 } } });
    const states = Object.fromEntries(changed.steps.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      upload: "cached",
      prepare: "cached",
      train: "done",
      evaluate: "done",
      deploy: "done",
    });
    expect(changed.version).toBe(2);
  });

  it("changes the endpoint without a run when only its settings change", async () => {
    const changed = await bring({ train: { hyperparameters: { eta: 0.2 } }, deploy: { instances: 2 } });
    expect(changed.version).toBe(2);
    const sagemaker = new SageMaker(cauce.client);
    const { ProductionVariants } = await sagemaker.describeEndpoint({ EndpointName: "penguins" });
    expect(ProductionVariants?.[0]?.CurrentInstanceCount).toBe(2);
    sagemaker.destroy();
  });

  it("replaces nothing when the gate refuses, and says by how much", async () => {
    const refused = await bring({ evaluate: { metric: "logloss", atMost: 0.000001 } }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CauceError);
    expect(refused).toMatchObject({
      exitCode: 3,
      explanation: { code: "GateRefused", why: expect.stringContaining("logloss") },
    });
    expect((await status(target, "penguins")).endpoint).toMatchObject({ status: "InService", version: 2 });
    expect((await post(first.example)).status).toBe(200);
  });

  it("says what is wrong with a table in the words of the function that reads it", async () => {
    const failed = await bring({ data: { ...penguins.data, target: "specis" } }).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      exitCode: 1,
      explanation: { code: "TargetMissing", fix: 'Did you mean "species"?' },
    });
  });

  it("waits for a person when the project says so", async () => {
    const waiting = await bring({ approve: "manual" });
    expect(waiting).toMatchObject({ version: 3, approval: "PendingManualApproval" });
    expect((await status(target, "penguins")).endpoint?.version).toBe(2);
  });

  it("shows what the steps and functions have said", async () => {
    const said = await logs(target, "penguins", ["prepare", "train", "predict"]);
    expect(new Set(said.map(({ of }) => of))).toEqual(new Set(["prepare", "train", "predict"]));
  });

  it("says in a sentence that the keys are not taken", async () => {
    const stranger = { ...target, credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" } };
    const refused = await status(stranger, "penguins").catch((error: unknown) => error);
    expect(refused).toMatchObject({
      exitCode: 1,
      explanation: { code: "CredentialsRefused", fix: expect.stringContaining("cauce env") },
    });
  });

  it("leaves nothing behind when it is destroyed, however often", async () => {
    expect(await destroy(target, "penguins")).toBe(true);
    expect(await destroy(target, "penguins")).toBe(false);
    expect(await status(target, "penguins")).toMatchObject({
      stack: undefined,
      endpoint: undefined,
      executions: [],
      versions: [],
    });
    const s3 = new S3({ ...cauce.client, forcePathStyle: true });
    const sagemaker = new SageMaker(cauce.client);
    expect((await s3.listBuckets({})).Buckets ?? []).toEqual([]);
    expect((await sagemaker.listModels({})).Models ?? []).toEqual([]);
    expect((await sagemaker.listEndpointConfigs({})).EndpointConfigs ?? []).toEqual([]);
    expect((await sagemaker.listTrainingJobs({})).TrainingJobSummaries ?? []).toEqual([]);
    s3.destroy();
    sagemaker.destroy();
    expect((await fetch(first.url ?? "")).status).toBe(403);
  });

  it("met no bug of ours on the way", () => {
    expect(cauce.reports).toEqual([]);
  });
});
