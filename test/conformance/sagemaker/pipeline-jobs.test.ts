import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";

// Real processing jobs in a pipeline: property files, caching, stopping. The first run makes the Python runtime.

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const BUCKET = "pipeline-jobs";
let home: string;
let cauce: TestServer;
let sagemaker: SageMaker;
let RoleArn: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-pipeline-"));
  await shareRuntimes(home);
  cauce = await startCauce({ home });
  sagemaker = new SageMaker(cauce.client);
  await new S3(cauce.client).createBucket({ Bucket: BUCKET });
  const iam = new IAM(cauce.client);
  const allow = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const trust = allow({ Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" });
  const { Role } = await iam.createRole({ RoleName: "all", AssumeRolePolicyDocument: trust });
  RoleArn = Role?.Arn ?? "";
  const actions = ["s3:*", "sagemaker:*", "iam:PassRole", "logs:*"];
  await iam.putRolePolicy({
    RoleName: "all",
    PolicyName: "p",
    PolicyDocument: allow({ Action: actions, Resource: "*" }),
  });
}, 600_000);
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A step that runs Python and uploads what it wrote to `out`. */
const python = (Name: string, code: string, rest: object = {}) => ({
  Name,
  Type: "Processing",
  Arguments: {
    RoleArn,
    AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["python3", "-c", code] },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 5 } },
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: "out",
          S3Output: {
            S3Uri: {
              "Std:Join": { On: "/", Values: [`s3://${BUCKET}`, { Get: "Execution.PipelineExecutionId" }, Name] },
            },
            LocalPath: "/opt/ml/processing/output/out",
            S3UploadMode: "EndOfJob",
          },
        },
      ],
    },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
  },
  ...rest,
});

const report = (value: number) =>
  `import json; json.dump({"metrics": {"auc": {"value": ${value}}}}, open("/opt/ml/processing/output/out/report.json", "w"))`;

async function start(PipelineName: string, Steps: object[]): Promise<string> {
  const PipelineDefinition = JSON.stringify({ Version: "2020-12-01", Steps });
  const input = { PipelineName, PipelineDefinition, RoleArn, ClientRequestToken: "t".repeat(32) };
  await sagemaker.createPipeline(input).catch(() => sagemaker.updatePipeline(input));
  return (await sagemaker.startPipelineExecution({ PipelineName })).PipelineExecutionArn ?? "";
}

async function stepsOf(PipelineExecutionArn: string) {
  const { PipelineExecutionSteps = [] } = await sagemaker.listPipelineExecutionSteps({
    PipelineExecutionArn,
    SortOrder: "Ascending",
  });
  return PipelineExecutionSteps;
}

async function ended(PipelineExecutionArn: string) {
  for (;;) {
    const { PipelineExecutionStatus: status } = await sagemaker.describePipelineExecution({ PipelineExecutionArn });
    if (status !== "Executing" && status !== "Stopping") return { status, steps: await stepsOf(PipelineExecutionArn) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("property files and caching", () => {
  const steps = (value: number) => [
    python("Evaluate", report(value), {
      PropertyFiles: [{ PropertyFileName: "Report", OutputName: "out", FilePath: "report.json" }],
      CacheConfig: { Enabled: true, ExpireAfter: "P1D" },
    }),
    {
      Name: "Gate",
      Type: "Condition",
      Arguments: {
        Conditions: [
          {
            Type: "GreaterThanOrEqualTo",
            LeftValue: {
              "Std:JsonGet": {
                PropertyFile: { Get: "Steps.Evaluate.PropertyFiles.Report" },
                Path: "metrics.auc.value",
              },
            },
            RightValue: 0.8,
          },
        ],
        IfSteps: [],
        ElseSteps: [{ Name: "No", Type: "Fail", Arguments: { ErrorMessage: "not good enough" } }],
      },
    },
  ];

  test("a condition reads what a job wrote; a step with the same inputs is not repeated, one with others is", async () => {
    const first = await ended(await start("cached", steps(0.9)));
    expect(first.status).toBe("Succeeded");
    const again = await ended(await start("cached", steps(0.9)));
    expect(again.steps[0]?.CacheHitResult?.SourcePipelineExecutionArn).toContain("pipeline/cached/execution/");
    const job = (step: (typeof first.steps)[number] | undefined) => step?.Metadata?.ProcessingJob?.Arn;
    expect(job(again.steps[0])).toBe(job(first.steps[0]));

    const worse = await ended(await start("cached", steps(0.7)));
    expect(worse.status).toBe("Failed");
    expect(worse.steps[0]?.CacheHitResult).toBeUndefined();
    expect(worse.steps.at(-1)?.FailureReason).toBe("not good enough");
  });
});

test("stopping stops the job that runs, and starts nothing more", async () => {
  const arn = await start("stopped", [
    python("Sleeps", "import time; time.sleep(60)"),
    python("Never", "pass", { DependsOn: ["Sleeps"] }),
  ]);
  await expect
    .poll(async () => (await stepsOf(arn))[0]?.Metadata?.ProcessingJob?.Arn, { timeout: 10_000 })
    .toBeDefined();
  await sagemaker.stopPipelineExecution({ PipelineExecutionArn: arn, ClientRequestToken: "s".repeat(32) });
  const { status, steps } = await ended(arn);
  expect(status).toBe("Stopped");
  expect(steps.map(({ StepName, StepStatus }) => [StepName, StepStatus])).toEqual([["Sleeps", "Stopped"]]);
  const name = steps[0]?.Metadata?.ProcessingJob?.Arn?.split("/").at(-1);
  const job = await sagemaker.describeProcessingJob({ ProcessingJobName: name });
  expect(job.ProcessingJobStatus).toBe("Stopped");
});

test("a job that fails gives its reason to the step", async () => {
  const code = 'open("/opt/ml/output/message", "w").write("the table is empty"); raise SystemExit(1)';
  const { steps } = await ended(await start("reason", [python("Breaks", code)]));
  expect(steps[0]?.FailureReason).toContain("the table is empty");
});
