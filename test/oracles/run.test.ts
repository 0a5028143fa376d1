import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Target } from "#aws";
import { destroy, logs, plan, predictRows, type Project, resolveProject, status, up } from "#pipeline";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";
import { INSTALLING, oraclePython } from "./environments.ts";
import { watchDecisions } from "./policy-holder.ts";
import { type Statement, unusedOf, type Used } from "./policy-use.ts";
import { type Recorded, recordingProxy, type RecordingProxy } from "./recording-proxy.ts";
import { UNUSED } from "./unused-statements.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** One project from nothing to gone, on the embedded AWS with its roles enforced, seen from two sides: what was asked, and what was allowed. */
describe("a whole run", () => {
  let base: string;
  let cauce: TestServer;
  let proxy: RecordingProxy;
  const used: Used[] = [];
  const policies = new Map<string, readonly Statement[]>();
  const penguins: Project = { name: "penguins", data: { source: "penguins.csv", target: "species" } };

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "cauce-oracle-"));
    await shareRuntimes(join(base, "home"));
    await writeFile(join(base, "penguins.csv"), await readFile(join(ROOT, "test/journeys/penguins.csv")));
    watchDecisions(used);
    cauce = await startCauce({ home: join(base, "home") });
    proxy = await recordingProxy(cauce.endpoint);
    // What runs in the embedded AWS is told this address, as functions on AWS are told theirs.
    (cauce.kernel as unknown as { listening(endpoint: string): void }).listening(proxy.endpoint);
    await wholeRun();
  }, 300_000);

  afterAll(async () => {
    vi.restoreAllMocks();
    await cauce?.[Symbol.asyncDispose]();
    await proxy?.close();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  async function wholeRun() {
    const target: Target = {
      name: "embedded",
      region: "us-east-1",
      endpoint: proxy.endpoint,
      securesBucket: true,
      credentials: cauce.credentials,
      functionPlatform: `${process.platform}-${process.arch}`,
    };
    const places = { folder: base, assets: ROOT, cache: join(base, "cache") };
    const bring = (changes: Partial<Project> = {}) => up(target, resolveProject({ ...penguins, ...changes }), places);
    const { url, example } = await bring();
    for (const body of [example, { island: 1 }])
      await fetch(url ?? "", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await fetch(url ?? "")).status).toBe(200);
    const rows = {
      data: { source: "penguins.csv" },
      folder: base,
      cache: base,
      format: "csv",
      out: join(base, "out.csv"),
    } as const;
    await predictRows(target, "penguins", rows, {});
    await status(target, "penguins");
    await logs(target, "penguins", ["extract", "prepare", "train", "predict", "deploy", "endpoint"]);
    await plan(target, resolveProject(penguins), { ...places, account: {} });
    // Two more versions: what serves is compared, updated, and what has been outlived goes.
    await bring({ train: { hyperparameters: { eta: 0.2 } } });
    await bring({ train: { hyperparameters: { eta: 0.3 } }, deploy: { instances: 2 } });
    await bring({ train: { hyperparameters: { eta: 0.4 } }, deploy: { instances: 2 } });
    await readPolicies(cauce, policies);
    // Every other way to serve.
    const scaled = { instances: { min: 1, max: 2 }, type: "ml.m5.xlarge", invocationsPerInstance: 600 };
    const again = { ...scaled, type: "ml.m5.large" };
    for (const deploy of [scaled, again, { maxIdle: "8 hours" }, { on: "serverless" }, { on: "lambda" }] as const) {
      await bring({ train: { hyperparameters: { eta: 0.4 } }, deploy });
      await predictRows(target, "penguins", rows, {});
      await readPolicies(cauce, policies);
    }
    expect(await destroy(target, "penguins")).toBe(true);
  }

  it("meets no bug of ours", () => expect(cauce.reports).toEqual([]));

  it(
    "sends nothing that botocore would not send",
    async () => {
      const python = await oraclePython("clouds");
      await writeFile(join(base, "requests.json"), JSON.stringify([...proxy.requests, misspelt(proxy.requests)]));
      const script = join(import.meta.dirname, "check_requests.py");
      const { stdout } = await promisify(execFile)(python, [script, join(base, "requests.json")], {
        maxBuffer: 1 << 27,
      });
      const { asked, problems } = JSON.parse(stdout) as { asked: Record<string, number>; problems: string[] };
      expect(problems).toEqual([
        expect.stringMatching(/DescribeModelPackage.*Missing required parameter in input: "ModelPackageName"/s),
      ]);
      expect(Object.keys(asked)).toEqual(
        expect.arrayContaining([
          "application-autoscaling:DeregisterScalableTarget",
          "application-autoscaling:PutScalingPolicy",
          "application-autoscaling:RegisterScalableTarget",
          "cloudformation:CreateStack",
          "cloudformation:DeleteStack",
          "cloudformation:DescribeStacks",
          "cloudformation:UpdateStack",
          "lambda:Invoke",
          "logs:DeleteLogGroup",
          "s3:CreateBucket",
          "s3:DeleteBucket",
          "s3:DeleteObjects",
          "s3:GetObject",
          "s3:HeadObject",
          "s3:ListObjectsV2",
          "s3:PutObject",
          "s3:PutPublicAccessBlock",
          "sagemaker-runtime:InvokeEndpoint",
          "sagemaker:AddTags",
          "sagemaker:CreateEndpoint",
          "sagemaker:CreateEndpointConfig",
          "sagemaker:CreateModel",
          "sagemaker:CreateTransformJob",
          "sagemaker:DeleteEndpoint",
          "sagemaker:DeleteEndpointConfig",
          "sagemaker:DeleteModel",
          "sagemaker:DeleteModelPackage",
          "sagemaker:DeleteProcessingJob",
          "sagemaker:DeleteTrainingJob",
          "sagemaker:DescribeEndpoint",
          "sagemaker:DescribeEndpointConfig",
          "sagemaker:DescribeModelPackage",
          "sagemaker:DescribePipeline",
          "sagemaker:DescribePipelineExecution",
          "sagemaker:DescribeProcessingJob",
          "sagemaker:DescribeTrainingJob",
          "sagemaker:DescribeTransformJob",
          "sagemaker:ListEndpointConfigs",
          "sagemaker:ListModelPackages",
          "sagemaker:ListModels",
          "sagemaker:ListPipelineExecutionSteps",
          "sagemaker:ListPipelineExecutions",
          "sagemaker:ListProcessingJobs",
          "sagemaker:ListTrainingJobs",
          "sagemaker:ListTransformJobs",
          "sagemaker:StartPipelineExecution",
          "sagemaker:UpdateEndpoint",
          "service-quotas:ListServiceQuotas",
          "sts:GetCallerIdentity",
        ]),
      );
    },
    INSTALLING,
  );

  it("needs every action and every resource that its roles have, but for those that are argued", () => {
    const unused = [...policies].flatMap(([role, statements]) =>
      unusedOf(role, statements, used).map((what) => `${role}: ${what}`),
    );
    expect(unused.filter((one) => !UNUSED.some(({ what }) => what.test(one)))).toEqual([]);
    // No argument outlives what it is about.
    expect(UNUSED.filter(({ what }) => !unused.some((one) => what.test(one))).map(({ what }) => what.source)).toEqual(
      [],
    );
    expect(policies.size).toBeGreaterThan(7);
  });
});

/** One request that is wrong, so that a silent oracle is seen. */
function misspelt(requests: readonly Recorded[]): Recorded {
  const isOne = ({ headers }: Recorded) => headers["x-amz-target"] === "SageMaker.DescribeModelPackage";
  const [right] = requests.filter(isOne);
  if (!right) throw new Error("Nobody has asked for a version.");
  return { ...right, body: Buffer.from('{"ModelPackage":"penguins"}').toString("base64") };
}

async function readPolicies(cauce: TestServer, policies: Map<string, readonly Statement[]>) {
  const iam = new IAM(cauce.client);
  const { Roles = [] } = await iam.listRoles({});
  for (const { RoleName = "" } of Roles) {
    const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName });
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument = "" } = await iam.getRolePolicy({ RoleName, PolicyName });
      const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: Statement[] };
      const known = policies.get(RoleName) ?? [];
      const isNew = (one: Statement) => !known.some((other) => JSON.stringify(other) === JSON.stringify(one));
      policies.set(RoleName, [...known, ...Statement.filter(isNew)]);
    }
  }
  iam.destroy();
}
