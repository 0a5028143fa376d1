import { Lambda } from "@aws-sdk/client-lambda";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { telcoArchive, telcoRecords } from "../sagemaker-hosting/archives.ts";
import { BUCKET, openTransformTarget, type TransformTarget } from "./transform-target.ts";

let target: TransformTarget;
const many = telcoRecords()[0];

beforeAll(async () => {
  target = await openTransformTarget();
  await target.model("telco", telcoArchive());
  await target.put("told/in/a.json", many?.body ?? "");
});
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

const json = { from: { ContentType: "application/json", SplitType: "None" }, to: { AssembleWith: "None" } } as const;

async function makeRole(RoleName: string, service: string, actions: string[]): Promise<string> {
  const document = (rest: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...rest }] });
  const AssumeRolePolicyDocument = document({ Principal: { Service: service }, Action: "sts:AssumeRole" });
  const { Role } = await target.iam.createRole({ RoleName, AssumeRolePolicyDocument });
  const PolicyDocument = document({ Action: actions, Resource: "*" });
  await target.iam.putRolePolicy({ RoleName, PolicyName: "work", PolicyDocument });
  return Role?.Arn ?? "";
}

it("tells of every state by an event", async () => {
  const { cauce, events, start, ended } = target;
  const lambda = new Lambda(cauce.client);
  const code = "export const handler = async (event) => { console.log('EVENT ' + JSON.stringify(event)); };";
  const { FunctionArn: Arn } = await lambda.createFunction({
    FunctionName: "listener",
    Runtime: "nodejs24.x",
    Handler: "index.handler",
    Role: await makeRole("listener", "lambda.amazonaws.com", ["logs:*"]),
    Code: { ZipFile: zipSync({ "index.mjs": strToU8(code) }) },
  });
  const EventPattern = JSON.stringify({ "detail-type": ["SageMaker Transform Job State Change"] });
  const { RuleArn } = await events.putRule({ Name: "transform", EventPattern });
  const permission = { Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com", SourceArn: RuleArn };
  await lambda.addPermission({ FunctionName: "listener", StatementId: "events", ...permission });
  await events.putTargets({ Rule: "transform", Targets: [{ Id: "1", Arn }] });
  await start("told", "telco", json);
  await ended("told");
  const logs = new CloudWatchLogs(cauce.client);
  const seen = async () => {
    const query = { logGroupName: "/aws/lambda/listener", filterPattern: "EVENT" };
    const { events: found = [] } = await logs.filterLogEvents(query).catch(() => ({ events: [] }));
    return found.map(({ message }) => JSON.parse((message ?? "").split("EVENT ")[1] ?? "{}") as Told);
  };
  await expect.poll(async () => (await seen()).length, { timeout: 10_000 }).toBe(2);
  const told = (await seen()).toSorted((a, b) =>
    b.detail.TransformJobStatus.localeCompare(a.detail.TransformJobStatus),
  );
  const resources = ["arn:aws:sagemaker:us-east-1:000000000000:transform-job/told"];
  const common = { TransformJobName: "told", ModelName: "telco", CreationTime: expect.any(Number) as number, Tags: {} };
  expect(told).toMatchObject([
    { source: "aws.sagemaker", resources, detail: { ...common, TransformJobStatus: "InProgress" } },
    {
      resources,
      detail: { ...common, TransformJobStatus: "Completed", TransformEndTime: expect.any(Number) as number },
    },
  ]);
});

interface Told {
  readonly source: string;
  readonly resources: readonly string[];
  readonly detail: { readonly TransformJobStatus: string };
}

it("is a step of a pipeline", async () => {
  const { sagemaker, read } = target;
  const step = {
    Name: "Score_All",
    Type: "Transform",
    Arguments: {
      ModelName: { Get: "Parameters.Model" },
      TransformInput: {
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/told/in/` } },
        ContentType: "application/json",
      },
      TransformOutput: { S3OutputPath: `s3://${BUCKET}/piped` },
      TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
    },
  };
  const fail = {
    Name: "Fail",
    Type: "Fail",
    Arguments: { ErrorMessage: { Get: "Steps.Score_All.TransformOutput.S3OutputPath" } },
  };
  await sagemaker.createPipeline({
    PipelineName: "score",
    RoleArn: await makeRole("pipeline", "sagemaker.amazonaws.com", ["sagemaker:*"]),
    ClientRequestToken: "t".repeat(32),
    PipelineDefinition: JSON.stringify({
      Version: "2020-12-01",
      Parameters: [{ Name: "Model", Type: "String" }],
      Steps: [step, fail],
    }),
  });
  const run = async (Value: string) => {
    const PipelineParameters = [{ Name: "Model", Value }];
    const { PipelineExecutionArn } = await sagemaker.startPipelineExecution({
      PipelineName: "score",
      PipelineParameters,
    });
    const status = async () =>
      (await sagemaker.describePipelineExecution({ PipelineExecutionArn })).PipelineExecutionStatus;
    await expect.poll(status, { timeout: 10_000 }).toBe("Failed");
    const found = await sagemaker.listPipelineExecutionSteps({ PipelineExecutionArn, SortOrder: "Ascending" });
    return found.PipelineExecutionSteps;
  };
  expect(await run("telco")).toMatchObject([
    {
      StepName: "Score_All",
      StepStatus: "Succeeded",
      Metadata: {
        TransformJob: { Arn: expect.stringMatching(/:transform-job\/pipelines-\w+-score-all-\w+$/) as string },
      },
    },
    { StepName: "Fail", FailureReason: `s3://${BUCKET}/piped` },
  ]);
  expect(JSON.parse(await read("piped/a.json.out"))).toEqual(many?.answer);
  expect(await run("nowhere")).toMatchObject([
    { StepStatus: "Failed", FailureReason: expect.stringContaining("Could not find model") as string },
  ]);
});
