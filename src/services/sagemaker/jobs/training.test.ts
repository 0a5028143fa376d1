import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InputOf } from "#kernel";
import { type Bench, IMAGE, openBench, prepare, ROLE } from "./kernel.fixture.ts";

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
  await prepare(bench);
  await bench.call("s3", "PutObject", { Bucket: "bucket", Key: "data/train.csv", Body: Buffer.from(table(10_000)) });
});

afterAll(() => bench.close());

/** The label first, then 20 columns that decide it. */
function table(rows: number): string {
  let state = 1;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: 20 }, () => random().toFixed(4));
    lines.push(`${Number(cells[0]) + Number(cells[1]) > 1 ? 1 : 0},${cells.join(",")}`);
  }
  return lines.join("\n");
}

type Request = InputOf<"sagemaker", "CreateTrainingJob">;

function request(name: string, changes: Partial<Request> = {}): Request {
  return {
    TrainingJobName: name,
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
    HyperParameters: { num_round: "10", objective: "binary:logistic", eval_metric: "auc" },
    InputDataConfig: [
      {
        ChannelName: "train",
        ContentType: "text/csv",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://bucket/data/" } },
      },
    ],
    OutputDataConfig: { S3OutputPath: "s3://bucket/out/" },
    ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    ...changes,
  };
}

async function finished(name: string) {
  for (;;) {
    const job = await bench.call("sagemaker", "DescribeTrainingJob", { TrainingJobName: name });
    if (job.TrainingJobStatus !== "InProgress" && job.TrainingJobStatus !== "Stopping") return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function logOf(name: string): Promise<string[]> {
  const logGroupName = "/aws/sagemaker/TrainingJobs";
  const { logStreams } = await bench.call("logs", "DescribeLogStreams", {
    logGroupName,
    logStreamNamePrefix: `${name}/algo-1-`,
  });
  const { events } = await bench.call("logs", "GetLogEvents", {
    logGroupName,
    logStreamName: logStreams?.[0]?.logStreamName ?? "",
    startFromHead: true,
  });
  return (events ?? []).map(({ message }) => message ?? "");
}

describe("CreateTrainingJob", () => {
  it("trains the built-in XGBoost and stores the model", async () => {
    const { TrainingJobArn } = await bench.call("sagemaker", "CreateTrainingJob", request("first"));
    expect(TrainingJobArn).toBe("arn:aws:sagemaker:us-east-1:000000000000:training-job/first");
    const job = await finished("first");
    expect(job).toMatchObject({
      TrainingJobStatus: "Completed",
      SecondaryStatus: "Completed",
      ModelArtifacts: { S3ModelArtifacts: "s3://bucket/out/first/output/model.tar.gz" },
      FinalMetricDataList: [{ MetricName: "train:auc", Value: expect.closeTo(1, 1) as number }],
    });
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
      "Starting",
      "Downloading",
      "Training",
      "Uploading",
      "Completed",
    ]);
    expect(job.BillableTimeInSeconds).toBeGreaterThan(0);
    const model = await bench.call("s3", "HeadObject", { Bucket: "bucket", Key: "out/first/output/model.tar.gz" });
    expect(model.ContentLength).toBeGreaterThan(1000);
    expect(await logOf("first")).toContainEqual(expect.stringMatching(/^\[9\]#011train-auc:0\.9/));
    expect(existsSync(join(bench.home, "jobs")) ? readdirSync(join(bench.home, "jobs")) : []).toEqual([]);
    expect(bench.reports).toEqual([]);
  });
});
