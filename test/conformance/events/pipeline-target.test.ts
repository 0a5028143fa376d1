import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { startCauce, type TestServer } from "#test/start-cauce";
import { afterAll, beforeAll, expect, it } from "vitest";

let cauce: TestServer;

beforeAll(async () => {
  cauce = await startCauce();
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

it("an event starts a pipeline, with parameters out of the event", async () => {
  const iam = new IAM(cauce.client);
  const document = (Statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...Statement }] });
  const trust = (Service: string) => document({ Principal: { Service }, Action: "sts:AssumeRole" });
  const { Role: forPipeline } = await iam.createRole({
    RoleName: "pipeline",
    AssumeRolePolicyDocument: trust("sagemaker.amazonaws.com"),
  });
  const { Role: forRule } = await iam.createRole({
    RoleName: "rule",
    AssumeRolePolicyDocument: trust("events.amazonaws.com"),
  });
  const sagemaker = new SageMaker(cauce.client);
  const { PipelineArn = "" } = await sagemaker.createPipeline({
    PipelineName: "started",
    RoleArn: forPipeline?.Arn,
    ClientRequestToken: "t".repeat(32),
    PipelineDefinition: JSON.stringify({
      Version: "2020-12-01",
      Metadata: {},
      Parameters: [{ Name: "Key", Type: "String" }],
      Steps: [{ Name: "End", Type: "Fail", Arguments: { ErrorMessage: { Get: "Parameters.Key" } } }],
    }),
  });
  const events = new EventBridge(cauce.client);
  await events.putRule({ Name: "start", EventPattern: '{"source":["my.app"]}' });
  const PipelineParameterList = [{ Name: "Key", Value: "$.detail.key" }];
  const target = {
    Id: "p",
    Arn: PipelineArn,
    RoleArn: forRule?.Arn,
    SageMakerPipelineParameters: { PipelineParameterList },
  };
  await events.putTargets({ Rule: "start", Targets: [target] });
  expect((await events.listTargetsByRule({ Rule: "start" })).Targets).toEqual([target]);

  const put = () => events.putEvents({ Entries: [{ Source: "my.app", DetailType: "x", Detail: '{"key":"data/7"}' }] });
  const executions = async () =>
    (await sagemaker.listPipelineExecutions({ PipelineName: "started" })).PipelineExecutionSummaries ?? [];
  const refused = () =>
    cauce.kernel.journal.entries().filter(({ operation, fault }) => operation === "StartPipelineExecution" && fault);

  // Without the permission the role may not, and the event is given up.
  await put();
  await expect.poll(() => refused().map(({ fault }) => fault), { timeout: 5000 }).toEqual(["AccessDeniedException"]);
  expect(await executions()).toEqual([]);

  await iam.putRolePolicy({
    RoleName: "rule",
    PolicyName: "start",
    PolicyDocument: document({ Action: "sagemaker:StartPipelineExecution", Resource: PipelineArn }),
  });
  await put();
  await expect.poll(async () => (await executions()).length, { timeout: 5000 }).toBe(1);
  const [{ PipelineExecutionArn } = {}] = await executions();
  const { PipelineParameters } = await sagemaker.listPipelineParametersForExecution({ PipelineExecutionArn });
  expect(PipelineParameters).toEqual([{ Name: "Key", Value: "data/7" }]);
});
