import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, copyExample, openHome } from "#test/cauce-process";

const RECORD = { tenure: 1, Contract: "Month-to-month", InternetService: "Fiber optic", MonthlyCharges: 90.5 };
const CSV = { "content-type": "text/csv" };

/** What people send, and mistakes that they make: whatever serves, the same bytes come back. */
const REQUESTS: readonly { readonly body: string; readonly headers?: Record<string, string> }[] = [
  RECORD,
  {},
  { ...RECORD, tenure: "5", SeniorCitizen: null },
  [RECORD, { ...RECORD, tenure: 70, Contract: "Two year" }],
  [],
  { ...RECORD, tenur: 5 },
  { ...RECORD, customerID: "7590-VHVEG" },
  { ...RECORD, tenure: "many", MonthlyCharges: [] },
  [RECORD, { tenure: {} }, 5],
  5,
  "text",
]
  .map((value): { body: string; headers?: Record<string, string> } => ({ body: JSON.stringify(value) }))
  .concat(
    { body: "" },
    { body: "{" },
    { body: "{}", headers: { "content-type": "image/png" } },
    { body: "tenure,Contract\n5,One year\n70,Two year\n", headers: CSV },
    { body: "tenure,Contrct\n5,One year\n", headers: CSV },
    { body: "tenure,tenure\n5,6\n", headers: CSV },
    { body: "tenure\n", headers: CSV },
    { body: `[${JSON.stringify(RECORD)}${`,${JSON.stringify(RECORD)}`.repeat(400)}]` },
  );

/** One story, told in order: each test goes on where the one before ended. */
describe("the three ways of serving", { timeout: 120_000 }, () => {
  let user: CauceHome;
  let project: string;
  let url: string;
  let truth: readonly string[];
  let predicted: string;
  let sagemaker: SageMaker;
  let lambda: Lambda;
  let iam: IAM;
  let scaling: ApplicationAutoScaling;

  beforeAll(async () => {
    user = await openHome();
    project = await copyExample("churn", join(user.work, "churn"));
    const { lines, stderr } = await user.cauce(["up", "churn", "--json"]);
    url = String(lines.at(-1)?.["url"] ?? stderr);
    const aws = await user.awsVariables();
    const client = {
      endpoint: aws["AWS_ENDPOINT_URL"] ?? "",
      region: aws["AWS_REGION"] ?? "",
      credentials: {
        accessKeyId: aws["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: aws["AWS_SECRET_ACCESS_KEY"] ?? "",
      },
    };
    sagemaker = new SageMaker(client);
    lambda = new Lambda(client);
    iam = new IAM(client);
    scaling = new ApplicationAutoScaling(client);
    truth = await answers(url);
    predicted = await predict("endpoint.csv");
  }, 120_000);
  afterAll(() => user[Symbol.asyncDispose]());

  /** Sets `deploy`, and brings the project there while somebody keeps asking; answers the line of the deployment. */
  async function move(deploy: string): Promise<string> {
    const file = join(project, "cauce.config.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace(/deploy: .*/, `deploy: ${deploy},`));
    const asking = new AbortController();
    const asked = keepAsking(url, asking.signal);
    const { code, stdout, stderr } = await user.cauce(["up", "churn"]);
    asking.abort();
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(await asked).toEqual(new Set([truth[0]]));
    return /✔ deploy +(.*?)  +\d/.exec(stdout + stderr)?.[1] ?? stdout;
  }

  async function predict(out: string): Promise<string> {
    const { fields } = (await (await fetch(url)).json()) as { fields: { name: string }[] };
    const rows = [RECORD, { tenure: "many" }, { tenure: 70, Contract: "Two year" }];
    const cells = rows.map((row) => fields.map(({ name }) => (row as Record<string, unknown>)[name] ?? "").join(","));
    writeFileSync(join(user.work, "rows.csv"), `${[fields.map(({ name }) => name).join(","), ...cells].join("\n")}\n`);
    const { code, stderr } = await user.cauce(["predict", "rows.csv", "--name", "churn", "--out", out]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return readFileSync(join(user.work, out), "utf8");
  }

  async function shown(): Promise<Record<string, unknown>> {
    const { lines } = await user.cauce(["status", "--json"]);
    const [one] = (lines.at(-1) as { projects: { serving: Record<string, unknown> }[] }).projects;
    return one?.serving ?? {};
  }

  async function scaled(): Promise<(number | undefined)[][]> {
    const { ScalableTargets = [] } = await scaling.describeScalableTargets({ ServiceNamespace: "sagemaker" });
    return ScalableTargets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]);
  }

  async function there(): Promise<{ endpoints: number; configs: number; models: number }> {
    const [endpoints, configs, models] = await Promise.all([
      sagemaker.listEndpoints({}),
      sagemaker.listEndpointConfigs({}),
      sagemaker.listModels({}),
    ]);
    return {
      endpoints: endpoints.Endpoints?.length ?? 0,
      configs: endpoints.Endpoints?.length === 0 ? (configs.EndpointConfigs?.length ?? 0) : 1,
      models: Math.min(1, models.Models?.length ?? 0),
    };
  }

  it.each([
    ['{ on: "serverless" }', "churn · serverless 2 GB · InService", { on: "serverless", memory: 2048 }, 1],
    [
      '{ on: "lambda" }',
      "churn · in the Lambda churn-predict (512 MB)",
      { on: "lambda", functionName: "churn-predict" },
      0,
    ],
    ['{ on: "endpoint", type: "ml.m5.large" }', "churn · 1 × ml.m5.large · InService", { on: "endpoint" }, 1],
    ['{ on: "lambda", memory: 1024 }', "churn · in the Lambda churn-predict (1024 MB)", { memory: 1024 }, 0],
    ['{ on: "serverless", memory: 3072, concurrency: 20 }', "churn · serverless 3 GB · InService", { memory: 3072 }, 1],
    [
      "{ instances: { min: 1, max: 3 }, invocationsPerInstance: 60 }",
      "churn · 1–3 × ml.m5.large · InService",
      { on: "endpoint", mostInstances: 3 },
      1,
    ],
    ['{ on: "lambda" }', "churn · in the Lambda churn-predict (512 MB)", { status: "InService", version: 1 }, 0],
  ])(
    "to %s, without a moment in which it does not answer, and with the same answers",
    async (deploy, said, status, endpoints) => {
      expect(await move(deploy)).toBe(said);
      expect(await shown()).toMatchObject(status);
      expect(await there()).toEqual({ endpoints, configs: endpoints, models: 1 });
      expect(await scaled()).toEqual(deploy.includes("max: 3") ? [[1, 3]] : []);
      expect(await answers(url)).toEqual(truth);
      expect(await predict("moved.csv")).toBe(predicted);
      expect((await user.cauce(["up", "churn", "--json"])).lines.at(-1)).toMatchObject({ unchanged: true });
    },
  );

  it("takes a new version and the one before it without a change of the function", async () => {
    const before = await configuration();
    const file = join(project, "cauce.config.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      text.replace('algorithm: "xgboost"', 'algorithm: "xgboost", hyperparameters: { max_depth: 2 }'),
    );
    const { code, lines } = await user.cauce(["up", "churn", "--json"]);
    expect({ code, last: lines.at(-1) }).toMatchObject({ code: 0, last: { version: 2 } });
    await expect.poll(async () => (await answers(url))[0], { timeout: 5000 }).not.toBe(truth[0]);
    await approve(1);
    await expect.poll(() => answers(url), { timeout: 8000 }).toEqual(truth);
    expect(await configuration()).toEqual(before);
  });

  it("tells what the model inside the function says, and what it may not do", async () => {
    const logs = await user.cauce(["logs", "endpoint", "--name", "churn", "--json"]);
    expect(logs.lines[0]).toMatchObject({ step: "predict" });
    const answer = await user.cauce(["invoke", JSON.stringify(RECORD), "--name", "churn"]);
    expect(answer.stdout).toContain("prediction");
    const { PolicyDocument } = await iam.getRolePolicy({ RoleName: "churn-predict-us-east-1", PolicyName: "predict" });
    expect(decodeURIComponent(PolicyDocument ?? "")).toContain("churn/serving/*");
    expect(decodeURIComponent(PolicyDocument ?? "")).not.toContain("sagemaker");
  });

  it("refuses what cannot be scored there before anything is sent", async () => {
    const file = join(project, "cauce.config.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace('train: { algorithm: "xgboost"', 'train: { script: "train.py"'));
    writeFileSync(join(project, "train.py"), "print(1)\n");
    const { code, lines } = await user.cauce(["up", "churn", "--json"]);
    expect(code).not.toBe(0);
    expect(lines.at(-1)).toMatchObject({
      error: { code: "ProjectInvalid", fix: expect.stringContaining("a model of its own program cannot be scored") },
    });
    expect(await answers(url)).toEqual(truth);
    writeFileSync(file, text);
  });

  it("leaves nothing behind", async () => {
    const { code, lines } = await user.cauce(["destroy", "churn", "--json"]);
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ project: "churn", removed: { model: expect.any(Number), stack: 1 } });
    const models = (await sagemaker.listModels({})).Models;
    const configs = (await sagemaker.listEndpointConfigs({})).EndpointConfigs;
    expect({ models, configs }).toEqual({ models: [], configs: [] });
  });

  async function configuration(): Promise<unknown> {
    const { LastModified, CodeSha256, RevisionId } = await lambda.getFunctionConfiguration({
      FunctionName: "churn-predict",
    });
    return { LastModified, CodeSha256, RevisionId };
  }

  async function approve(version: number): Promise<void> {
    const { ModelPackageSummaryList = [] } = await sagemaker.listModelPackages({ ModelPackageGroupName: "churn" });
    const ModelPackageArn = ModelPackageSummaryList.find((one) => one.ModelPackageVersion === version)?.ModelPackageArn;
    for (const ModelApprovalStatus of ["Rejected", "Approved"] as const)
      await sagemaker.updateModelPackage({ ModelPackageArn, ModelApprovalStatus });
  }
});

/** The status, the content type and the bytes of each answer. */
async function answers(url: string): Promise<readonly string[]> {
  const said = [];
  for (const request of REQUESTS) said.push(await tell(await fetch(url, { method: "POST", ...request })));
  return [...said, await tell(await fetch(url)), await tell(await fetch(url, { method: "OPTIONS" }))];
}

async function tell(answer: Response): Promise<string> {
  return `${answer.status} ${answer.headers.get("content-type")}\n${await answer.text()}`;
}

/** Every answer that differs from another. */
async function keepAsking(url: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  while (!signal.aborted) {
    seen.add(await tell(await fetch(url, { method: "POST", body: JSON.stringify(RECORD) })));
    await sleep(10);
  }
  return seen;
}
