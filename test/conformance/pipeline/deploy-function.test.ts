import { resolve } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callAws, type Caller } from "#aws";
import { deployer } from "../../../src/functions/deploy/deployer.ts";
import type { DeployAnswer, DeploySettings, ServingWay } from "../../../src/functions/deploy/settings.ts";
import { answerer, type ProxyAnswer } from "../../../src/functions/predict/answer.ts";
import { endpointDoor } from "../../../src/functions/predict/endpoint-door.ts";
import { ownModel } from "../../../src/functions/predict/own-model.ts";
import { waker } from "../../../src/functions/predict/wake.ts";
import { makeArchive, telcoArchive, telcoRecords } from "../sagemaker-hosting/archives.ts";
import { BUCKET, type HostingTarget, IMAGE, openTarget, SCRIPT } from "../sagemaker-hosting/hosting-target.ts";

let target: HostingTarget;
let aws: Caller;
let s3: S3;
/** A project of its own for each test. */
let name = "p0";
let count = 0;

beforeAll(async () => {
  target = await openTarget();
  const { endpoint, region, credentials } = target.cauce.client;
  aws = callAws({ endpoint, region, credentials: () => credentials });
  s3 = new S3({ ...target.cauce.client, forcePathStyle: true });
});
beforeEach(() => {
  name = `p${++count}`;
});
afterAll(async () => {
  s3.destroy();
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

const ENDPOINT = { on: "endpoint", instances: 1, type: "ml.m5.large" } as const;
const SERVERLESS = { on: "serverless", memory: 2048, concurrency: 5 } as const;
const INSIDE = { on: "lambda", memory: 512 } as const;

function deploy(way: ServingWay): (event: unknown) => Promise<DeployAnswer> {
  const settings: DeploySettings = {
    endpoint: name,
    modelRole: target.role,
    way,
    servingUri: servingUri(),
    modules: resolve(import.meta.dirname, "../../../python/src/cauce_ml"),
  };
  return deployer(aws, settings);
}

const servingUri = () => `s3://${BUCKET}/${name}/serving`;
const settled = { "detail-type": "SageMaker Endpoint State Change" };
const looked = { "detail-type": "Scheduled Event" };
const wanted = { "detail-type": "Cauce Model Wanted" };

/** An approved version: the event that its approval makes. */
async function approved(archive: Uint8Array, environment: Record<string, string> = SCRIPT): Promise<object> {
  const { sagemaker } = target;
  await sagemaker.createModelPackageGroup({ ModelPackageGroupName: name }).catch(() => {});
  const Key = `${name}/models/${archive.byteLength}.tar.gz`;
  await s3.putObject({ Bucket: BUCKET, Key, Body: archive });
  const { ModelPackageArn } = await sagemaker.createModelPackage({
    ModelPackageGroupName: name,
    ModelApprovalStatus: "Approved",
    InferenceSpecification: {
      Containers: [{ Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/${Key}`, Environment: environment }],
      SupportedContentTypes: ["application/json"],
      SupportedResponseMIMETypes: ["application/json"],
    },
  });
  return { "detail-type": "SageMaker Model Package State Change", detail: { ModelPackageArn } };
}

/** What the URL would answer, by an endpoint or without one. */
function ask(way: "endpoint" | "lambda", body: string, wake?: () => Promise<boolean>): Promise<ProxyAnswer> {
  const own = ownModel(aws, { endpoint: name, servingUri: servingUri(), freshMilliseconds: 0 });
  const door = way === "lambda" ? own : endpointDoor(aws, { endpoint: name, own, wake });
  return answerer(door, { origins: [] })({ httpMethod: "POST", body });
}

const endpoints = async () =>
  ((await target.sagemaker.listEndpoints({ NameContains: name })).Endpoints ?? []).map((one) => one.EndpointStatus);

describe("the deploy function", () => {
  it("answers inside the function with the bytes that the endpoint answers with", async () => {
    const version = await approved(telcoArchive());
    await deploy(ENDPOINT)(version);
    await target.settled(name);
    await deploy(ENDPOINT)(settled);
    const json = telcoRecords().filter(({ body }) => /^\s*[[{]/.test(body));
    expect(json.length).toBeGreaterThan(5);
    for (const { body } of json) expect(await ask("lambda", body)).toEqual(await ask("endpoint", body));
  });

  it("moves: the new way answers before the old one goes, and nothing of it is left", async () => {
    const [record] = telcoRecords();
    const version = await approved(telcoArchive());
    await deploy(ENDPOINT)(version);
    await target.settled(name);
    await deploy(ENDPOINT)(settled);
    const truth = await ask("endpoint", record?.body ?? "");
    expect(await deploy(INSIDE)(version)).toMatchObject({ state: "serving" });
    expect(await endpoints()).toEqual([]);
    expect((await target.sagemaker.listEndpointConfigs({ NameContains: `${name}-` })).EndpointConfigs).toEqual([]);
    // Where the stack wants an endpoint already, and there is none yet, the function answers by itself.
    expect(await ask("endpoint", record?.body ?? "")).toEqual(truth);
    expect(await deploy(SERVERLESS)(version)).toMatchObject({ state: "creating" });
    expect(await ask("endpoint", record?.body ?? "")).toEqual(truth);
    await target.settled(name);
    await deploy(SERVERLESS)(settled);
    expect(await ask("endpoint", record?.body ?? "")).toEqual(truth);
  });

  it.each([
    [{ "code/extra.py": "x = 1" }, SCRIPT, "code/extra.py"],
    [{ "code/requirements.txt": "numpy" }, SCRIPT, "packages of its own"],
    [{ "model.ubj": "{}" }, SCRIPT, "cannot be"],
    [{}, { ...SCRIPT, SAGEMAKER_PROGRAM: "serve.py" }, "a program of its own"],
  ])("says why a model cannot be served inside a function: %j", async (extra, environment, why) => {
    const version = await approved(telcoArchive(extra), environment);
    const refused = await deploy(INSIDE)(version).catch((error: unknown) => (error as Error).message);
    expect(JSON.parse(String(refused))).toMatchObject({
      code: "NotScorable",
      why: expect.stringContaining(why),
      fix: expect.stringContaining("serverless"),
    });
  });

  it("does not fail an endpoint for an archive that it cannot read itself", async () => {
    const version = await approved(makeArchive({ "code/inference.py": "def model_fn(d): return 1" }));
    expect(await deploy(ENDPOINT)(version)).toMatchObject({ state: "creating" });
  });
});

describe("an endpoint that nobody asks", () => {
  const idle = { ...ENDPOINT, maxIdle: 0.01 };

  it("goes after its time, says so at the URL, and comes back with the next request", async () => {
    const [record] = telcoRecords();
    const body = record?.body ?? "";
    const run = deploy(idle);
    await run(await approved(telcoArchive()));
    await target.settled(name);
    await run(settled);
    expect(await deploy({ ...idle, maxIdle: 60 })(looked)).toMatchObject({ state: "ignored" });
    await expect.poll(async () => (await run(looked)).state, { timeout: 10_000 }).toBe("asleep");
    expect(await endpoints()).toEqual([]);
    const asleep = await ask("endpoint", body, async () => (await run(wanted), true));
    expect(asleep).toMatchObject({ statusCode: 503, headers: { "Retry-After": "30" } });
    expect(JSON.parse(asleep.body)).toMatchObject({ error: { code: "Asleep" } });
    expect(await run(wanted)).toMatchObject({ state: "waking" });
    await target.settled(name);
    await run(settled);
    expect((await ask("endpoint", body)).statusCode).toBe(200);
    expect(await run(wanted)).toMatchObject({ state: "ignored" });
  });

  it("stays when somebody has asked", async () => {
    const run = deploy(idle);
    await run(await approved(telcoArchive()));
    await target.settled(name);
    await run(settled);
    await ask("endpoint", telcoRecords()[0]?.body ?? "");
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await run(looked)).toMatchObject({ state: "ignored" });
    expect(await endpoints()).toEqual(["InService"]);
  });

  it("is asked for by the function behind the URL, which does not wait for it", async () => {
    const asleep = { Bucket: BUCKET, Key: `${name}/serving/asleep.json`, Body: '{"config":"x"}' };
    const wake = waker(aws, { servingUri: servingUri(), deployFunction: "nobody" });
    expect(await wake()).toBe(false);
    await s3.putObject(asleep);
    expect(await wake()).toBe(true);
  });
});
