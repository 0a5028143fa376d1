import { readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { APIGateway } from "@aws-sdk/client-api-gateway";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { readXlsx } from "hucre/xlsx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, copyExample, openHome, type Ran, runPython } from "#test/cauce-process";

/** Somebody who is likely to leave. What is left out counts as missing. */
const RECORD = {
  tenure: 1,
  Contract: "Month-to-month",
  InternetService: "Fiber optic",
  OnlineSecurity: "No",
  TechSupport: "No",
  PaymentMethod: "Electronic check",
  PaperlessBilling: "Yes",
  MonthlyCharges: 90.5,
  TotalCharges: 90.5,
};

/** One story, told in order: each test goes on where the one before ended. */
describe("the life of examples/churn", { timeout: 120_000 }, () => {
  let user: CauceHome;
  let project: string;
  let url: string;

  beforeAll(async () => {
    user = await openHome();
    project = await copyExample("churn", join(user.work, "churn"));
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("plans everything before there is anything, and changes nothing by it", async () => {
    const { code, lines } = await user.cauce(["plan", "churn", "--json"]);
    expect(code).toBe(0);
    const plan = last(lines) as unknown as Planned;
    expect(plan.resources.every(({ action }) => action === "create")).toBe(true);
    expect(plan.steps.map(({ name }) => name)).toEqual(["Extract", "Prepare", "Train", "Evaluate", "Gate"]);
    expect(last((await user.cauce(["status", "--json"])).lines)).toMatchObject({ projects: [] });
  });

  it("comes up to a URL, and says so as the interface promises", async () => {
    const ran = await user.cauce(["up", "churn", "--json"]);
    expect(ran).toMatchObject({ code: 0 });
    const said = last(ran.lines);
    expect(said).toMatchObject({
      project: "churn",
      task: "binary",
      target: "Churn",
      metrics: {
        auc: expect.closeTo(0.843, 2),
        accuracy: expect.any(Number),
        f1: expect.any(Number),
        logloss: expect.any(Number),
      },
      rows: 7043,
      features: 19,
      setAside: [{ column: "customerID" }],
      warnings: [],
      seconds: expect.any(Number),
    });
    expect((said["steps"] as { name: string }[]).map(({ name }) => name)).toEqual(
      "upload stack extract prepare train evaluate gate register deploy".split(" "),
    );
    url = String(said["url"]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_aws\/execute-api\/\w{10}\/prod\/predict$/);
    // Without a terminal: plain lines, each step once when it is done.
    expect(ran.stderr).not.toMatch(ESCAPES);
    expect(ran.stderr.match(/✔ \w+/g)).toEqual(
      "upload stack extract prepare train evaluate gate register deploy".split(" ").map((name) => `✔ ${name}`),
    );
  });

  it("predicts at the URL, for one record and for several", async () => {
    const one = await post(url, RECORD);
    expect(one.status).toBe(200);
    const { prediction, probabilities } = one.body as Prediction;
    expect(prediction).toBe("Yes");
    expect(Object.values(probabilities).reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
    const two = await post(url, [RECORD, { ...RECORD, tenure: 70, Contract: "Two year" }]);
    expect((two.body as Prediction[]).map((each) => each.prediction)).toEqual(["Yes", "No"]);
  });

  it("prints a curl line that works when pasted", async () => {
    const { stdout, code } = await user.cauce(["up", "churn"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Nothing has changed");
    expect(stdout).toContain(`POST ${url}`);
    expect(stdout).not.toMatch(ESCAPES);
    const line = /^ {2}curl .*$/m.exec(stdout)?.[0] ?? "";
    const script =
      "import subprocess, sys; sys.stdout.write(subprocess.check_output(['sh', '-c', sys.argv[1]], text=True))";
    const pasted = await runPython(["-c", script, line], {});
    expect(last(pasted.lines)).toMatchObject({ prediction: expect.stringMatching(/^(Yes|No)$/) });
  });

  it("describes the model at the same path", async () => {
    const answer = await fetch(url);
    const model = (await answer.json()) as { fields: { name: string }[] };
    expect(model).toMatchObject({ version: 1, metrics: { auc: expect.any(Number) } });
    expect(model.fields.map(({ name }) => name)).toContain("MonthlyCharges");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("does nothing when nothing has changed", async () => {
    const { lines } = await user.cauce(["up", "churn", "--json"]);
    expect(last(lines)).toMatchObject({ unchanged: true, version: 1, url });
    const plan = last((await user.cauce(["plan", "churn", "--json"])).lines);
    expect(plan).toEqual({ resources: [], steps: [], deploys: false, warnings: [] });
    expect(await executions(user)).toBe(1);
  });

  it("shows status, logs and predictions", async () => {
    const status = last((await user.cauce(["status", "--json"])).lines);
    expect(status).toMatchObject({
      server: { endpoint: user.endpoint() },
      projects: [{ project: "churn", url, endpoint: { status: "InService", version: 1 }, versions: [{ number: 1 }] }],
    });
    const text = (await user.cauce(["status"])).stdout;
    expect(text).toContain(url);
    expect(text).not.toMatch(ESCAPES);
    const train = (await user.cauce(["logs", "train", "--name", "churn"])).stdout;
    expect(train).toMatch(/validation-auc:0\.8\d+/);
    const all = await user.cauce(["logs", "--json"], { cwd: project });
    expect(new Set(all.lines.map((line) => line["step"]))).toEqual(
      new Set(["extract", "prepare", "train", "evaluate", "deploy", "predict"]),
    );
    const answer = await user.cauce(["invoke", JSON.stringify(RECORD)]);
    expect(JSON.parse(answer.stdout)).toMatchObject({ prediction: "Yes" });
    writeFileSync(join(user.work, "record.json"), JSON.stringify([RECORD, RECORD]));
    expect(JSON.parse((await user.cauce(["invoke", "record.json"])).stdout)).toHaveLength(2);
    const refused = await user.cauce(["invoke", '{"tenur":5}', "--json"]);
    expect(refused.code).toBe(1);
    expect(last(refused.lines)).toMatchObject({ error: { why: expect.stringContaining('"tenure"') } });
  });

  it("changes only the stack when only the API's settings change", async () => {
    edit(project, 'cors: ["*"]', 'cors: ["https://example.org"]');
    const plan = last((await user.cauce(["plan", "churn", "--json"])).lines) as unknown as Planned;
    expect(plan.steps).toEqual([]);
    expect(plan.deploys).toBe(false);
    const { code, lines } = await user.cauce(["up", "churn", "--json"]);
    expect(code).toBe(0);
    expect(last(lines)).toMatchObject({ unchanged: false, version: 1, url });
    expect(await executions(user)).toBe(1);
    const page = async (origin: string) =>
      (await fetch(url, { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await page("https://example.org")).toBe("https://example.org");
    expect(await page("https://evil.example")).toBeNull();
  });

  it("judges again, and trains nothing, when only the gate changes", async () => {
    edit(project, "atLeast: 0.8 ", "atLeast: 0.79 ");
    const plan = last((await user.cauce(["plan", "churn", "--json"])).lines) as unknown as Planned;
    expect(plan.steps.map(({ name }) => name)).toEqual(["Evaluate", "Gate"]);
    const { code, lines } = await user.cauce(["up", "churn", "--json"]);
    expect(code).toBe(0);
    const states = stepStates(last(lines));
    expect(states).toMatchObject({ prepare: "cached", train: "cached", evaluate: "done" });
  });

  it("refuses a model that does not reach the gate: exit 3, and what served still serves", async () => {
    const before = (await post(url, RECORD)).body;
    const { version } = (await (await fetch(url)).json()) as { version: number };
    edit(project, "atLeast: 0.79 ", "atLeast: 0.99 ");
    const refused = await user.cauce(["up", "churn", "--json"]);
    expect(refused.code).toBe(3);
    expect(last(refused.lines)).toEqual({
      error: {
        code: "GateRefused",
        what: expect.any(String),
        why: expect.stringMatching(/^auc 0\.84\d* < 0\.99: it missed by 0\.1\d\.$/),
        fix: expect.any(String),
      },
    });
    expect((await post(url, RECORD)).body).toEqual(before);
    expect(await (await fetch(url)).json()).toMatchObject({ version });
    edit(project, "atLeast: 0.99 ", "atLeast: 0.8 ");
  });

  it("trains again when the data changes, and a person approves when the project says so", async () => {
    await halve(join(project, "data/customers.xlsx"), join(project, "data/customers.csv"));
    edit(project, "customers.xlsx", "customers.csv");
    edit(project, "train:", 'approve: "manual",\n  train:');
    const { code, lines } = await user.cauce(["up", "churn", "--json"]);
    expect({ code, last: last(lines) }).toMatchObject({ code: 0, last: { approval: "PendingManualApproval" } });
    const said = last(lines);
    expect(said).toMatchObject({ rows: 3521 });
    expect(stepStates(said)).toMatchObject({ prepare: "done", train: "done", evaluate: "done" });
    const waiting = Number(said["version"]);
    expect(await served(url)).not.toBe(waiting);
    await approve(user, waiting);
    await expect.poll(() => served(url), { timeout: 20_000 }).toBe(waiting);
  });

  it("destroys what it made and leaves nothing behind", async () => {
    const { code, lines } = await user.cauce(["destroy", "churn", "--json"]);
    expect(code).toBe(0);
    expect(last(lines)).toMatchObject({ project: "churn", removed: { endpoint: 1, stack: 1 } });
    expect(await leftovers(user)).toEqual({
      stacks: [],
      functions: [],
      apis: [],
      roles: [],
      rules: [],
      logs: [],
      sagemaker: [],
      objects: [],
    });
    expect((await fetch(url)).status).toBe(403);
    expect(last((await user.cauce(["status", "--json"])).lines)).toMatchObject({ projects: [] });
    const again = await user.cauce(["destroy", "churn", "--json"]);
    expect({ code: again.code, last: last(again.lines) }).toMatchObject({ code: 0, last: { removed: {} } });
  });

  it("goes down", async () => {
    const endpoint = user.endpoint();
    expect((await user.cauce(["down"])).code).toBe(0);
    await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
    expect(last((await user.cauce(["down", "--json"])).lines)).toEqual({ stopped: false });
  });
});

/** A colour code or a cursor move begins with the one, a line that is drawn again with the other. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}|\r`);

interface Planned {
  readonly resources: readonly { action: string }[];
  readonly steps: readonly { name: string }[];
  readonly deploys: boolean;
}
interface Prediction {
  readonly prediction: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

function last(lines: Ran["lines"]): Record<string, unknown> {
  return lines.at(-1) ?? {};
}

function stepStates(said: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    (said["steps"] as { name: string; state: string }[]).map(({ name, state }) => [name, state]),
  );
}

function edit(project: string, from: string, to: string): void {
  const file = join(project, "cauce.config.ts");
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`The example's project file has no ${from}.`);
  writeFileSync(file, text.replace(from, to));
}

async function post(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function served(url: string): Promise<number> {
  return ((await (await fetch(url)).json()) as { version: number }).version;
}

/** Every second row of an Excel file, as CSV. */
async function halve(from: string, to: string): Promise<void> {
  const { sheets } = await readXlsx(await readFile(from));
  const [header, ...rows] = sheets[0]?.rows ?? [];
  const half = [header, ...rows.filter((_, index) => index % 2)];
  writeFileSync(to, half.map((row) => `${row?.map((cell) => cell ?? "").join(",")}\n`).join(""));
}

async function settings(user: CauceHome) {
  const aws = await user.awsVariables();
  return {
    endpoint: aws["AWS_ENDPOINT_URL"] ?? "",
    region: aws["AWS_REGION"] ?? "",
    credentials: {
      accessKeyId: aws["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: aws["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
  };
}

async function executions(user: CauceHome): Promise<number> {
  const sagemaker = new SageMaker(await settings(user));
  const found = await sagemaker.listPipelineExecutions({ PipelineName: "churn" });
  return found.PipelineExecutionSummaries?.length ?? 0;
}

/** As a person would, from any AWS client. */
async function approve(user: CauceHome, version: number): Promise<void> {
  const script = [
    "import boto3, sys",
    "sagemaker = boto3.client('sagemaker')",
    "waiting = sagemaker.list_model_packages(ModelPackageGroupName='churn', ModelApprovalStatus='PendingManualApproval')",
    "arns = [one['ModelPackageArn'] for one in waiting['ModelPackageSummaryList']]",
    "assert [arn.rsplit('/', 1)[1] for arn in arns] == [sys.argv[1]], arns",
    "sagemaker.update_model_package(ModelPackageArn=arns[0], ModelApprovalStatus='Approved')",
  ].join("\n");
  const ran = await runPython(["-c", script, String(version)], await user.awsVariables());
  expect(ran).toMatchObject({ code: 0, stderr: "" });
}

/** Everything on the account, but what was there before any project: the bucket of all projects, shared functions' code, ready-made roles. */
async function leftovers(user: CauceHome): Promise<Record<string, unknown[]>> {
  const to = await settings(user);
  const sagemaker = new SageMaker(to);
  const s3 = new S3({ ...to, forcePathStyle: true });
  const { Buckets = [] } = await s3.listBuckets({});
  const listed = await Promise.all(Buckets.map(({ Name }) => s3.listObjectsV2({ Bucket: Name ?? "" })));
  const found = await Promise.all([
    sagemaker.listEndpoints({}).then(({ Endpoints }) => Endpoints),
    sagemaker.listEndpointConfigs({}).then(({ EndpointConfigs }) => EndpointConfigs),
    sagemaker.listModels({}).then(({ Models }) => Models),
    sagemaker.listModelPackageGroups({}).then(({ ModelPackageGroupSummaryList }) => ModelPackageGroupSummaryList),
    sagemaker.listPipelines({}).then(({ PipelineSummaries }) => PipelineSummaries),
  ]);
  const { StackSummaries = [] } = await new CloudFormation(to).listStacks({});
  return {
    stacks: StackSummaries.filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE"),
    functions: (await new Lambda(to).listFunctions({})).Functions ?? [],
    apis: (await new APIGateway(to).getRestApis({})).items ?? [],
    roles: ((await new IAM(to).listRoles({})).Roles ?? []).filter(({ RoleName }) => RoleName?.startsWith("churn")),
    rules: (await new EventBridge(to).listRules({})).Rules ?? [],
    logs: (
      (
        await new CloudWatchLogs(to)
          .describeLogStreams({ logGroupName: "/aws/sagemaker/TrainingJobs" })
          .catch(() => ({ logStreams: [] }))
      ).logStreams ?? []
    ).concat(
      ((await new CloudWatchLogs(to).describeLogGroups({})).logGroups ?? []).filter(({ logGroupName }) =>
        logGroupName?.includes("churn"),
      ) as never[],
    ),
    sagemaker: found.flatMap((list) => (list ?? []) as unknown[]),
    objects: listed.flatMap(({ Contents = [] }) => Contents.map(({ Key }) => Key)),
  };
}
