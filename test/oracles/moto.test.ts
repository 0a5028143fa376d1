import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { APIGateway } from "@aws-sdk/client-api-gateway";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { Lambda } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { destroy, type Project, resolveProject, status, up } from "#pipeline";
import { INSTALLING, oraclePython } from "./environments.ts";
import { type MotoServer, startMoto } from "./moto-server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ROLE = "arn:aws:iam::123456789012:role/penguins-pipeline-us-east-1";

/**
 * `up` against moto, as far as moto goes. Each sentence is a point that was reached or that moto does not have: a newer moto, or a
 * change of ours, that goes farther or less far is seen here.
 */
describe("moto", () => {
  let base: string;
  let moto: MotoServer;
  let sagemaker: SageMaker;
  const penguins: Project = {
    name: "penguins",
    data: { source: "penguins.csv", target: "species" },
    // moto's API Gateway takes no MOCK integration without an HTTP method, which AWS does not ask for: so no preflight.
    api: { cors: [] },
  };
  const client = () => ({ ...moto.target, credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 });
  /** The built function, with the environment that moto's stack gave it. */
  const deploy = async (event: unknown): Promise<unknown> => {
    const lambda = new Lambda(client());
    const { Configuration } = await lambda.getFunction({ FunctionName: "penguins-deploy" });
    lambda.destroy();
    const aws = { AWS_ENDPOINT_URL: moto.target.endpoint, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    const env = { ...Configuration?.Environment?.Variables, ...aws, AWS_REGION: "us-east-1" };
    const call =
      "require(process.argv[1]).handler(JSON.parse(process.argv[2])).then((a) => console.log(JSON.stringify(a)))";
    // Beside no package.json, as in Lambda.
    const file = join(base, "deploy.cjs");
    await copyFile(join(ROOT, "dist/functions/deploy/index.js"), file);
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", call, file, JSON.stringify(event)], { env });
    return JSON.parse(stdout);
  };
  const bring = (changes: Partial<Project> = {}) =>
    up(moto.target, resolveProject({ ...penguins, ...changes }), {
      folder: base,
      assets: ROOT,
      cache: join(base, "cache"),
      signal: AbortSignal.timeout(60_000),
    }).catch((error: unknown) => error as Error);

  beforeAll(async () => {
    const python = await oraclePython("clouds");
    base = await mkdtemp(join(tmpdir(), "cauce-moto-"));
    await writeFile(join(base, "penguins.csv"), await readFile(join(ROOT, "test/journeys/penguins.csv")));
    moto = await startMoto(python);
    sagemaker = new SageMaker(client());
  }, INSTALLING);

  afterAll(async () => {
    sagemaker?.destroy();
    await moto?.close();
    await rm(base, { recursive: true, force: true });
  });

  it("takes the uploads and the stack, and makes all of it but the three types that it does not know", async () => {
    expect(await bring()).toMatchObject({ message: expect.stringContaining("Could not find pipeline") });
    const unknown = said(/No Moto CloudFormation support for (\S+)/g);
    const types = ["AWS::ApiGateway::Stage", "AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::Pipeline"];
    await expect.poll(() => unknown().toSorted()).toEqual(types);
    expect((await status(moto.target, "penguins")).stack?.status).toBe("CREATE_COMPLETE");
  }, 120_000);

  it("has made what the template says", async () => {
    const [iam, lambda, events, api] = [
      new IAM(client()),
      new Lambda(client()),
      new EventBridge(client()),
      new APIGateway(client()),
    ];
    const { Roles = [] } = await iam.listRoles({});
    expect(Roles.map(({ RoleName }) => RoleName)).toEqual(
      expect.arrayContaining(["pipeline", "extract", "train", "deploy"].map((of) => `penguins-${of}-us-east-1`)),
    );
    const made = await lambda.getFunction({ FunctionName: "penguins-extract" });
    expect(made.Configuration).toMatchObject({ Runtime: "nodejs24.x", MemorySize: 3008, Architectures: ["x86_64"] });
    expect(made.Configuration?.Environment?.Variables).toMatchObject({
      OUTPUT_URI: "s3://cauce-123456789012-us-east-1/penguins/extracted",
    });
    const { Targets } = await events.listTargetsByRule({ Rule: "penguins-approved" });
    expect(Targets?.[0]?.Arn).toBe("arn:aws:lambda:us-east-1:123456789012:function:penguins-deploy");
    const { items = [] } = await api.getRestApis({});
    const resources = await api.getResources({ restApiId: items[0]?.id ?? "" });
    const predict = resources.items?.find(({ path }) => path === "/predict");
    expect(Object.keys(predict?.resourceMethods ?? {}).sort()).toEqual(["GET", "POST"]);
    for (const one of [iam, lambda, events, api]) one.destroy();
  });

  it("takes the pipeline's definition, and starts it; it has no steps to watch", async () => {
    const cloudformation = new CloudFormation(client());
    const { TemplateBody = "" } = await cloudformation.getTemplate({ StackName: "penguins" });
    cloudformation.destroy();
    const { Pipeline } = (JSON.parse(TemplateBody) as { Resources: Record<string, { Properties: PipelineProperties }> })
      .Resources;
    if (!Pipeline) throw new Error("The template has no pipeline.");
    await sagemaker.createModelPackageGroup({ ModelPackageGroupName: "penguins" });
    await sagemaker.createPipeline({
      PipelineName: Pipeline.Properties.PipelineName,
      PipelineDefinition: Pipeline.Properties.PipelineDefinition.PipelineDefinitionBody,
      RoleArn: ROLE,
      ClientRequestToken: "oracle-".repeat(5),
    });
    expect(await bring()).toBeInstanceOf(Error);
    await expect.poll(said(UNBUILT)).toEqual(["list_pipeline_execution_steps"]);
    const { PipelineExecutionSummaries = [] } = await sagemaker.listPipelineExecutions({ PipelineName: "penguins" });
    expect(PipelineExecutionSummaries.map((one) => one.PipelineExecutionDisplayName)).toEqual([
      expect.stringMatching(/^run-[0-9a-f]{16}$/),
    ]);
  }, 60_000);

  it("has an endpoint after the deploy function has run there on an approved version", async () => {
    const { ModelPackageArn = "" } = await sagemaker.createModelPackage({
      ModelPackageGroupName: "penguins",
      ModelApprovalStatus: "Approved",
      InferenceSpecification: {
        Containers: [{ Image: "image", ModelDataUrl: "s3://cauce-123456789012-us-east-1/penguins/models/m.tar.gz" }],
        SupportedContentTypes: ["application/json"],
        SupportedResponseMIMETypes: ["application/json"],
      },
    });
    const approved = { "detail-type": "SageMaker Model Package State Change", detail: { ModelPackageArn } };
    expect(await deploy(approved)).toMatchObject({ state: "creating", endpoint: "penguins" });
    expect(await deploy(approved)).toMatchObject({ state: "serving" });
    expect(await deploy({ "detail-type": "SageMaker Endpoint State Change" })).toMatchObject({ state: "described" });
    expect(await sagemaker.describeEndpoint({ EndpointName: "penguins" })).toMatchObject({
      EndpointStatus: "InService",
      EndpointConfigName: expect.stringMatching(/^penguins-1-[0-9a-f]{8}$/),
    });
  }, 60_000);

  it("is left by destroy without jobs, endpoint, configuration, models; it cannot delete a version", async () => {
    expect(await destroy(moto.target, "penguins").catch((error: unknown) => error)).toBeInstanceOf(Error);
    expect((await sagemaker.listEndpoints({})).Endpoints).toEqual([]);
    expect((await sagemaker.listEndpointConfigs({})).EndpointConfigs).toEqual([]);
    expect((await sagemaker.listModels({})).Models).toEqual([]);
    await expect.poll(said(UNBUILT)).toEqual(["list_pipeline_execution_steps", "delete_model_package"]);
  }, 60_000);

  it("takes a template with a preflight no farther than its first MOCK integration", async () => {
    expect(await bring({ name: "preflight", api: { cors: ["*"] } })).toBeInstanceOf(Error);
    await expect.poll(said(/KeyError: '(\w+)'/g)).toContain("IntegrationHttpMethod");
  }, 60_000);

  /** What moto has written by then, each once: asked again and again, for it may arrive after the answer. */
  function said(what: RegExp): () => (string | undefined)[] {
    return () => [...new Set([...moto.said().matchAll(what)].map(([, name]) => name))];
  }
});

const UNBUILT = /The (\w+) action has not been implemented/g;

interface PipelineProperties {
  readonly PipelineName: string;
  readonly PipelineDefinition: { readonly PipelineDefinitionBody: string };
}
