import { APIGateway } from "@aws-sdk/client-api-gateway";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";
import { telcoArchive, telcoRecords } from "../sagemaker-hosting/archives.ts";
import { openTarget } from "../sagemaker-hosting/hosting-target.ts";

/** Sums of the last hour by metric name. */
async function sums(cloudwatch: CloudWatch, Namespace: string, dimensions: Record<string, string>, names: string[]) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const now = Date.now();
  const { MetricDataResults } = await cloudwatch.getMetricData({
    StartTime: new Date(now - 1_800_000),
    EndTime: new Date(now + 1_800_000),
    MetricDataQueries: names.map((MetricName, index) => ({
      Id: `m${index}`,
      Label: MetricName,
      MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 3600, Stat: "Sum" },
    })),
  });
  return Object.fromEntries((MetricDataResults ?? []).map(({ Label, Values }) => [Label, Values?.[0]]));
}

describe("an endpoint", () => {
  it("counts what its variants answer", async () => {
    const target = await openTarget();
    const cloudwatch = new CloudWatch(target.cauce.client);
    try {
      await target.model("telco", telcoArchive());
      await target.sagemaker.createEndpoint({ EndpointName: "Churn", EndpointConfigName: "telco" });
      await target.settled("Churn");
      const [record] = telcoRecords();
      for (let i = 0; i < 3; i++) await target.invoke("Churn", record?.body ?? "");
      await expect(target.invoke("Churn", '{"tenure": "abc"}')).rejects.toMatchObject({ name: "ModelError" });
      const names = ["Invocations", "InvocationsPerInstance", "Invocation4XXErrors", "Invocation5XXErrors"];
      const at = { EndpointName: "Churn", VariantName: "AllTraffic" };
      expect(await sums(cloudwatch, "AWS/SageMaker", at, names)).toEqual({
        Invocations: 4,
        InvocationsPerInstance: 4,
        Invocation4XXErrors: 1,
        Invocation5XXErrors: 0,
      });
      const times = await sums(cloudwatch, "AWS/SageMaker", at, ["ModelLatency", "OverheadLatency"]);
      expect(times["ModelLatency"]).toBeGreaterThan(0);
      expect(times["ModelLatency"]).toBeLessThan(1_000_000);
      expect(times["OverheadLatency"]).toBeGreaterThan(0);
    } finally {
      await target.cauce[Symbol.asyncDispose]();
    }
  });
});

describe("a function behind an API", () => {
  let cauce: TestServer;
  let cloudwatch: CloudWatch;
  let home: string;
  let url: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "cauce-metrics-"));
    cauce = await startCauce({ home });
    cloudwatch = new CloudWatch(cauce.client);
    url = await publish(cauce);
  });
  afterAll(async () => {
    await cauce[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  it("counts requests, errors of either side, invocations and their durations", async () => {
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}?status=404`)).status).toBe(404);
    expect((await fetch(`${url}?status=throw`)).status).toBe(502);
    expect((await fetch(`${url}/nowhere`)).status).toBe(403);
    const stage = { ApiName: "shop", Stage: "live" };
    const names = ["Count", "4XXError", "5XXError"];
    const requests = { Count: 4, "4XXError": 2, "5XXError": 1 };
    expect(await sums(cloudwatch, "AWS/ApiGateway", stage, names)).toEqual(requests);
    expect(await sums(cloudwatch, "AWS/ApiGateway", { ApiName: "shop" }, names)).toEqual(requests);
    const counted = ["Invocations", "Errors", "Throttles", "Duration"];
    for (const at of [{ FunctionName: "shop" }, {}]) {
      expect(await sums(cloudwatch, "AWS/Lambda", at, counted)).toEqual({
        Invocations: 3,
        Errors: 1,
        Throttles: 0,
        Duration: expect.any(Number),
      });
    }
  });

  it("keeps them when the server ends and starts again", async () => {
    expect((await fetch(url)).status).toBe(200);
    await cauce.close();
    cauce = await startCauce({ home });
    cloudwatch = new CloudWatch(cauce.client);
    expect(await sums(cloudwatch, "AWS/Lambda", { FunctionName: "shop" }, ["Invocations"])).toEqual({ Invocations: 4 });
    const { Metrics } = await cloudwatch.listMetrics({ Namespace: "AWS/ApiGateway", MetricName: "Latency" });
    expect(Metrics).toHaveLength(2);
  });
});

async function publish(cauce: TestServer): Promise<string> {
  const iam = new IAM(cauce.client);
  const Statement = [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const { Role } = await iam.createRole({ RoleName: "shop", AssumeRolePolicyDocument });
  const lambda = new Lambda(cauce.client);
  const code = `exports.handler = async ({ queryStringParameters: asked }) => {
    if (asked?.status === "throw") throw new Error("as asked");
    return { statusCode: Number(asked?.status ?? 200), body: "" };
  };`;
  const { FunctionArn = "" } = await lambda.createFunction({
    FunctionName: "shop",
    Role: Role?.Arn ?? "",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode(code) }) },
  });
  await lambda.addPermission({
    FunctionName: "shop",
    StatementId: "api",
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
  });
  const api = new APIGateway(cauce.client);
  const { id: restApiId = "", rootResourceId: resourceId = "" } = await api.createRestApi({ name: "shop" });
  await api.putMethod({ restApiId, resourceId, httpMethod: "GET", authorizationType: "NONE" });
  await api.putIntegration({
    restApiId,
    resourceId,
    httpMethod: "GET",
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FunctionArn}/invocations`,
  });
  await api.createDeployment({ restApiId, stageName: "live" });
  return `${cauce.endpoint}/_aws/execute-api/${restApiId}/live`;
}
