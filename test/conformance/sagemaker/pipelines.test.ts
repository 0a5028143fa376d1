import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let sagemaker: SageMaker;
let roleArn: string;
let functionArn: string;

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";

beforeAll(async () => {
  cauce = await startCauce();
  sagemaker = new SageMaker(cauce.client);
  const iam = new IAM(cauce.client);
  const trust = (service: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    });
  const allow = (Action: string[]) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
  const { Role } = await iam.createRole({
    RoleName: "pipeline",
    AssumeRolePolicyDocument: trust("sagemaker.amazonaws.com"),
  });
  roleArn = Role?.Arn ?? "";
  const actions = ["lambda:InvokeFunction", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"];
  await iam.putRolePolicy({ RoleName: "pipeline", PolicyName: "p", PolicyDocument: allow(actions) });
  const forLambda = await iam.createRole({
    RoleName: "function",
    AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
  });
  const code = `exports.handler = async (event) => { if (event.fail) throw new Error(event.fail); return { Doubled: event.n * 2, Text: "t-" + event.text }; };`;
  const made = await new Lambda(cauce.client).createFunction({
    FunctionName: "double",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: forLambda.Role?.Arn,
    Code: { ZipFile: zipSync({ "index.js": Buffer.from(code) }) },
  });
  functionArn = made.FunctionArn ?? "";
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

const lambdaStep = (Name: string, Arguments: object, rest: object = {}) => ({
  Name,
  Type: "Lambda",
  FunctionArn: functionArn,
  Arguments,
  OutputParameters: [
    { OutputName: "Doubled", OutputType: "Integer" },
    { OutputName: "Text", OutputType: "String" },
  ],
  ...rest,
});

async function create(PipelineName: string, Steps: object[], Parameters: object[] = []) {
  const PipelineDefinition = JSON.stringify({ Version: "2020-12-01", Metadata: {}, Parameters, Steps });
  return sagemaker.createPipeline({
    PipelineName,
    PipelineDefinition,
    RoleArn: roleArn,
    ClientRequestToken: "t".repeat(32),
  });
}

async function run(PipelineName: string, parameters: Record<string, string> = {}) {
  const PipelineParameters = Object.entries(parameters).map(([Name, Value]) => ({ Name, Value }));
  const { PipelineExecutionArn } = await sagemaker.startPipelineExecution({ PipelineName, PipelineParameters });
  return ended(PipelineExecutionArn ?? "");
}

async function ended(PipelineExecutionArn: string) {
  for (;;) {
    const execution = await sagemaker.describePipelineExecution({ PipelineExecutionArn });
    if (!["Executing", "Stopping"].includes(execution.PipelineExecutionStatus ?? "")) {
      const { PipelineExecutionSteps } = await sagemaker.listPipelineExecutionSteps({
        PipelineExecutionArn,
        SortOrder: "Ascending",
      });
      return { execution, steps: PipelineExecutionSteps ?? [] };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("an execution", () => {
  test("passes parameters and outputs from step to step, and takes the branch that its condition chooses", async () => {
    await create(
      "flows",
      [
        lambdaStep("Second", {
          n: { Get: "Steps.First.OutputParameters['Doubled']" },
          text: { "Std:Join": { On: "/", Values: ["a", { Get: "Parameters.Word" }] } },
        }),
        lambdaStep("First", { n: { Get: "Parameters.N" }, text: { Get: "Execution.PipelineName" } }),
        {
          Name: "Gate",
          Type: "Condition",
          Arguments: {
            Conditions: [
              {
                Type: "GreaterThanOrEqualTo",
                LeftValue: { Get: "Steps.Second.OutputParameters['Doubled']" },
                RightValue: 12,
              },
            ],
            IfSteps: [lambdaStep("Yes", { n: 1, text: { Get: "Steps.Second.OutputParameters['Text']" } })],
            ElseSteps: [
              {
                Name: "No",
                Type: "Fail",
                Arguments: { ErrorMessage: { "Std:Join": { On: " ", Values: ["too", "small"] } } },
              },
            ],
          },
        },
      ],
      [
        { Name: "N", Type: "Integer", DefaultValue: 3 },
        { Name: "Word", Type: "String", DefaultValue: "b" },
      ],
    );
    const good = await run("flows");
    expect(good.execution.PipelineExecutionStatus).toBe("Succeeded");
    expect(good.steps.map(({ StepName, StepStatus }) => [StepName, StepStatus])).toEqual([
      ["First", "Succeeded"],
      ["Second", "Succeeded"],
      ["Gate", "Succeeded"],
      ["Yes", "Succeeded"],
    ]);
    expect(good.steps[2]?.Metadata?.Condition?.Outcome).toBe("True");
    expect(good.steps[3]?.Metadata?.Lambda?.OutputParameters).toContainEqual({ Name: "Text", Value: "t-t-a/b" });

    const bad = await run("flows", { N: "1" });
    expect(bad.execution).toMatchObject({
      PipelineExecutionStatus: "Failed",
      FailureReason: "Step failure: One or multiple steps failed.",
    });
    expect(bad.steps.at(-1)).toMatchObject({ StepName: "No", StepStatus: "Failed", FailureReason: "too small" });
  });

  test("fails with the function's own error, and a retry goes on from there", async () => {
    await create("fails", [
      lambdaStep("Fine", { n: 1, text: "x" }),
      lambdaStep("Broken", { n: { Get: "Steps.Fine.OutputParameters['Doubled']" }, text: "x", fail: "no luck" }),
    ]);
    const first = await run("fails");
    expect(first.steps.at(-1)).toMatchObject({ StepStatus: "Failed", FailureReason: "Error: no luck" });
    const arn = first.execution.PipelineExecutionArn ?? "";
    await sagemaker.retryPipelineExecution({ PipelineExecutionArn: arn, ClientRequestToken: "r".repeat(32) });
    const again = await ended(arn);
    expect(again.steps.map(({ StepName }) => StepName)).toEqual(["Fine", "Broken"]);
    expect(again.steps[0]?.StartTime).toEqual(first.steps[0]?.StartTime);
  });

  test("fails when its role may not do what a step asks", async () => {
    await create("denied", [
      {
        Name: "Train",
        Type: "Training",
        Arguments: {
          AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
          RoleArn: roleArn,
          OutputDataConfig: { S3OutputPath: "s3://nowhere/out" },
          ResourceConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 5 },
          StoppingCondition: { MaxRuntimeInSeconds: 60 },
        },
      },
    ]);
    const { steps } = await run("denied");
    expect(steps[0]?.FailureReason).toContain("is not authorized to perform: sagemaker:CreateTrainingJob");
  });
});

describe("registering", () => {
  test("makes numbered versions, which an approval changes", async () => {
    await sagemaker.createModelPackageGroup({ ModelPackageGroupName: "models" });
    const register = {
      Name: "Register",
      Type: "RegisterModel",
      Arguments: {
        ModelPackageGroupName: "models",
        ModelApprovalStatus: "PendingManualApproval",
        InferenceSpecification: {
          Containers: [{ Image: IMAGE, ModelDataUrl: "s3://bucket/model.tar.gz", Environment: { A: "b" } }],
          SupportedContentTypes: ["application/json"],
          SupportedResponseMIMETypes: ["application/json"],
        },
        CustomerMetadataProperties: { auc: "0.8" },
      },
    };
    await create("registers", [register]);
    const { steps } = await run("registers");
    const arn = steps[0]?.Metadata?.RegisterModel?.Arn ?? "";
    expect(arn).toMatch(/:model-package\/models\/1$/);
    await run("registers");
    await sagemaker.updateModelPackage({ ModelPackageArn: arn, ModelApprovalStatus: "Approved" });
    const { ModelPackageSummaryList } = await sagemaker.listModelPackages({ ModelPackageGroupName: "models" });
    expect(ModelPackageSummaryList?.map((one) => [one.ModelPackageVersion, one.ModelApprovalStatus])).toEqual([
      [2, "PendingManualApproval"],
      [1, "Approved"],
    ]);
    await expect(sagemaker.deleteModelPackageGroup({ ModelPackageGroupName: "models" })).rejects.toMatchObject({
      name: "ConflictException",
    });
    for (const one of ModelPackageSummaryList ?? [])
      await sagemaker.deleteModelPackage({ ModelPackageName: one.ModelPackageArn });
    await sagemaker.deleteModelPackageGroup({ ModelPackageGroupName: "models" });
  });
});

describe("refusals", () => {
  test.each([
    ["not JSON", "{", "Unable to parse pipeline definition"],
    ["another version", JSON.stringify({ Version: "2019", Steps: [] }), 'Version must be "2020-12-01"'],
    [
      "a step that is not built",
      JSON.stringify({ Version: "2020-12-01", Steps: [{ Name: "X", Type: "EMR" }] }),
      'steps of type "EMR"',
    ],
    [
      "a reference to nothing",
      JSON.stringify({
        Version: "2020-12-01",
        Steps: [{ Name: "X", Type: "Fail", Arguments: { ErrorMessage: { Get: "Steps.Y.Z" } } }],
      }),
      "the step X needs the step Y, which is not there",
    ],
  ])("%s", async (_what, PipelineDefinition, sentence) => {
    const input = { PipelineName: "refused", PipelineDefinition, RoleArn: roleArn, ClientRequestToken: "t".repeat(32) };
    await expect(sagemaker.createPipeline(input)).rejects.toThrow(sentence);
  });

  test("what does not exist", async () => {
    await expect(sagemaker.describePipeline({ PipelineName: "absent" })).rejects.toMatchObject({
      name: "ResourceNotFound",
    });
    await expect(sagemaker.startPipelineExecution({ PipelineName: "absent" })).rejects.toMatchObject({
      name: "ResourceNotFound",
    });
  });
});
