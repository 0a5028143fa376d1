import { createWriteStream, existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { create } from "tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InputOf, rootPrincipal } from "#kernel";
import { extractArchive } from "../compute/index.ts";
import { ACCOUNT, type Bench, IMAGE, openBench, prepare, ROLE } from "./kernel.fixture.ts";
import { type JobContext, jobKey, type TrainingRow } from "./state.ts";

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
    expect(readdirSync(join(bench.home, "jobs"))).toEqual([]);
    expect(bench.reports).toEqual([]);
  });

  it("trains a linear learner, whose metrics come by themselves", async () => {
    const image = IMAGE.replace("sagemaker-xgboost:3.2-0", "linear-learner:1");
    const HyperParameters = { predictor_type: "binary_classifier", feature_dim: "20" };
    await bench.call(
      "sagemaker",
      "CreateTrainingJob",
      request("linear", {
        AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: "File" },
        HyperParameters,
      }),
    );
    const job = await finished("linear");
    expect(job.TrainingJobStatus).toBe("Completed");
    expect(
      job.FinalMetricDataList?.find(({ MetricName }) => MetricName === "train:binary_classification_accuracy")?.Value,
    ).toBeGreaterThan(0.95);
  });

  it("fails for the caller's mistake with a sentence about it", async () => {
    await bench.call(
      "sagemaker",
      "CreateTrainingJob",
      request("without", { HyperParameters: { objective: "binary:logistic" } }),
    );
    expect(await finished("without")).toMatchObject({
      TrainingJobStatus: "Failed",
      SecondaryStatus: "Failed",
      FailureReason: "ClientError: Customer Error: Missing required hyperparameter: num_round, exit code: 2",
    });
  });

  it("runs a script in script mode: variables, arguments, its own metrics, two archives", async () => {
    const script = `
import argparse, json, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--eta", type=float)
parser.add_argument("--flag")
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
args = parser.parse_args()
rows = sum(1 for _ in open(os.path.join(args.train, "train.csv")))
print("validation score: 0.25"); print("validation score: 0.75")
json.dump({"eta": args.eta, "flag": args.flag, "rows": rows}, open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w"))
json.dump({name: value for name, value in os.environ.items() if name.startswith("SM_")}, open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "seen.json"), "w"))
`;
    await putCode("code/source.tar.gz", { "entry.py": script });
    const changes = {
      HyperParameters: {
        sagemaker_program: '"entry.py"',
        sagemaker_submit_directory: '"s3://bucket/code/source.tar.gz"',
        eta: "0.2",
        flag: "true",
      },
      AlgorithmSpecification: {
        TrainingImage: IMAGE,
        TrainingInputMode: "File" as const,
        MetricDefinitions: [{ Name: "score", Regex: "validation score: ([0-9.]+)" }],
      },
    };
    await bench.call("sagemaker", "CreateTrainingJob", request("script", changes));
    const job = await finished("script");
    expect(job).toMatchObject({
      TrainingJobStatus: "Completed",
      FinalMetricDataList: [{ MetricName: "score", Value: 0.75 }],
    });
    expect(JSON.parse((await unpacked("out/script/output/model.tar.gz"))["model.json"] ?? "")).toEqual({
      eta: 0.2,
      flag: "True",
      rows: 10_000,
    });
    const seen = JSON.parse((await unpacked("out/script/output/output.tar.gz"))["seen.json"] ?? "") as Record<
      string,
      string
    >;
    expect(seen).toMatchObject({
      SM_CHANNELS: '["train"]',
      SM_CHANNEL_TRAIN: "/opt/ml/input/data/train",
      SM_HPS: '{"eta": 0.2, "flag": true}',
      SM_HP_ETA: "0.2",
      SM_USER_ENTRY_POINT: "entry.py",
      SM_CURRENT_HOST: "algo-1",
      SM_MODULE_NAME: "entry",
      SM_MODEL_DIR: "/opt/ml/model",
    });
  });

  it("fails with the script's own error", async () => {
    await putCode("code/broken.tar.gz", { "entry.py": "def go():\n    return {}['label']\ngo()\n" });
    const HyperParameters = {
      sagemaker_program: "entry.py",
      sagemaker_submit_directory: "s3://bucket/code/broken.tar.gz",
    };
    await bench.call("sagemaker", "CreateTrainingJob", request("broken", { HyperParameters }));
    const { FailureReason } = await finished("broken");
    expect(FailureReason).toMatch(
      /^AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "File .*entry\.py", line 2, in go\nKeyError: 'label'"\nCommand ".*-m entry", exit code: 1$/,
    );
  });

  it("runs an entry point of its own, without any SM_ variable, and takes the reason from its failure file", async () => {
    const script = `
import json, os, sys
assert not [name for name in os.environ if name.startswith("SM_")]
assert json.load(open("/opt/ml/input/config/hyperparameters.json")) == {"rounds": "3"}
assert json.load(open("/opt/ml/input/config/resourceconfig.json"))["current_host"] == "algo-1"
assert os.environ["TRAINING_JOB_NAME"] == "entry"
open("/opt/ml/output/failure", "w").write("The target has one value only.")
sys.exit(1)
`;
    await bench.call("s3", "PutObject", { Bucket: "bucket", Key: "code/own/train.py", Body: Buffer.from(script) });
    const changes = {
      HyperParameters: { rounds: "3" },
      AlgorithmSpecification: {
        TrainingImage: IMAGE,
        TrainingInputMode: "File" as const,
        ContainerEntrypoint: ["python3", "/opt/ml/input/data/code/train.py"],
      },
      InputDataConfig: [
        {
          ChannelName: "code",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: "s3://bucket/code/own" } },
        },
      ],
    };
    await bench.call("sagemaker", "CreateTrainingJob", request("entry", changes));
    expect(await finished("entry")).toMatchObject({
      TrainingJobStatus: "Failed",
      FailureReason: "AlgorithmError: The target has one value only., exit code: 1",
    });
  });

  it("keeps what a job that is stopped had saved", async () => {
    const script =
      "import time\nopen('/opt/ml/model/part', 'w').write('half')\nprint('saved', flush=True)\ntime.sleep(300)";
    await bench.call("s3", "PutObject", { Bucket: "bucket", Key: "code/slow/train.py", Body: Buffer.from(script) });
    const changes = {
      AlgorithmSpecification: {
        TrainingImage: IMAGE,
        TrainingInputMode: "File" as const,
        ContainerEntrypoint: ["python3", "/opt/ml/input/data/code/train.py"],
      },
      InputDataConfig: [
        {
          ChannelName: "code",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: "s3://bucket/code/slow" } },
        },
      ],
    };
    await bench.call("sagemaker", "CreateTrainingJob", request("slow", changes));
    await expect.poll(() => logOf("slow").catch(() => []), { timeout: 30_000 }).toEqual(["saved"]);
    await bench.call("sagemaker", "StopTrainingJob", { TrainingJobName: "slow" });
    const job = await finished("slow");
    expect(job).toMatchObject({ TrainingJobStatus: "Stopped", SecondaryStatus: "Stopped" });
    expect(await unpacked("out/slow/output/model.tar.gz")).toEqual({ part: "half" });
    await bench.call(
      "sagemaker",
      "CreateTrainingJob",
      request("late", { ...changes, StoppingCondition: { MaxRuntimeInSeconds: 1 } }),
    );
    expect(await finished("late")).toMatchObject({
      TrainingJobStatus: "Stopped",
      SecondaryStatus: "MaxRuntimeExceeded",
    });
  });

  it("says what is wrong with the request at once, in AWS's words", async () => {
    const arn = "arn:aws:sagemaker:us-east-1:000000000000:training-job/first";
    await expect(bench.call("sagemaker", "CreateTrainingJob", request("first"))).rejects.toThrow(
      `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
    );
    await expect(bench.call("sagemaker", "StopTrainingJob", { TrainingJobName: "first" })).rejects.toThrow(
      "The request was rejected because the training job is in status Completed.",
    );
    await expect(bench.call("sagemaker", "DescribeTrainingJob", { TrainingJobName: "nothing" })).rejects.toThrow(
      "Requested resource not found.",
    );
    const ResourceConfig = { InstanceType: "ml.enormous" as "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 };
    await expect(bench.call("sagemaker", "CreateTrainingJob", request("type", { ResourceConfig }))).rejects.toThrow(
      /failed to satisfy constraint: Member must satisfy enum value set/,
    );
    const pipe = { TrainingImage: IMAGE, TrainingInputMode: "Pipe" as const };
    await expect(
      bench.call("sagemaker", "CreateTrainingJob", request("pipe", { AlgorithmSpecification: pipe })),
    ).rejects.toThrow(/Pipe mode/);
  });

  it("sends an event for each phase", async () => {
    // What the bus was given is in the journal, by the service's own name.
    const sent = bench.kernel.journal
      .entries()
      .filter(({ operation, principal }) => operation === "PutEvents" && principal === "sagemaker.amazonaws.com");
    expect(sent.length).toBeGreaterThanOrEqual(5);
    expect(sent.filter(({ fault }) => fault)).toEqual([]);
  });
});

describe("a server that was killed", () => {
  it("fails the jobs that ran, with the reason, and removes their folders", async () => {
    const home = await mkdtemp(join(tmpdir(), "cauce-jobs-"));
    const first = await openBench(home);
    await prepare(first);
    const { kernel } = first;
    const context = kernel.context("sagemaker", rootPrincipal(ACCOUNT));
    // As the row of a job that runs lies in the state at the moment of the kill.
    const { Tags: _, ...left } = request("left");
    const row = {
      id: "x",
      arn: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:training-job/left`,
      region: "us-east-1",
      status: "InProgress",
      created: 1,
      modified: 1,
      request: left,
      transitions: [{ status: "Training", start: 1, message: "" }],
    };
    (context.tables as unknown as JobContext["tables"]).trainingJobs.put(
      jobKey("us-east-1", "left"),
      row as TrainingRow,
    );
    await mkdir(join(home, "jobs", "x"), { recursive: true });
    await first.close();
    const second = await openBench(home);
    await expect
      .poll(
        async () =>
          (await second.call("sagemaker", "DescribeTrainingJob", { TrainingJobName: "left" })).TrainingJobStatus,
      )
      .toBe("Failed");
    expect(await second.call("sagemaker", "DescribeTrainingJob", { TrainingJobName: "left" })).toMatchObject({
      FailureReason: expect.stringContaining("ended unexpectedly") as string,
    });
    expect(existsSync(join(home, "jobs"))).toBe(false);
    await second.close();
    await rm(home, { recursive: true, force: true });
  });

  it("fails a job that runs when it is stopped in an orderly way, and ends its process", async () => {
    const home = await mkdtemp(join(tmpdir(), "cauce-jobs-"));
    const first = await openBench(home);
    await prepare(first);
    await first.call("s3", "PutObject", {
      Bucket: "bucket",
      Key: "code/x.py",
      Body: Buffer.from("import time\nprint('up', flush=True)\ntime.sleep(300)"),
    });
    const changes = {
      AlgorithmSpecification: {
        TrainingImage: IMAGE,
        TrainingInputMode: "File" as const,
        ContainerEntrypoint: ["python3", "/opt/ml/input/data/code/x.py"],
      },
      InputDataConfig: [
        {
          ChannelName: "code",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: "s3://bucket/code/" } },
        },
      ],
    };
    await first.call("sagemaker", "CreateTrainingJob", request("orderly", changes));
    const lines = () =>
      first.call("logs", "FilterLogEvents", { logGroupName: "/aws/sagemaker/TrainingJobs" }).then(
        ({ events }) => events?.length,
        () => 0,
      );
    await expect.poll(lines, { timeout: 20_000 }).toBe(1);
    await first.close();
    expect(readdirSync(join(home, "processes"))).toEqual([]);
    const second = await openBench(home);
    expect(await second.call("sagemaker", "DescribeTrainingJob", { TrainingJobName: "orderly" })).toMatchObject({
      TrainingJobStatus: "Failed",
      FailureReason: "InternalServerError: The server was stopped while the job was running. Create the job again.",
    });
    await second.close();
    await rm(home, { recursive: true, force: true });
  });
});

async function putCode(Key: string, files: Record<string, string>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cauce-code-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await create({ file: join(folder, "x.tar.gz"), cwd: folder, gzip: true }, Object.keys(files));
  await bench.call("s3", "PutObject", { Bucket: "bucket", Key, Body: await readFile(join(folder, "x.tar.gz")) });
  await rm(folder, { recursive: true });
}

async function unpacked(Key: string): Promise<Record<string, string>> {
  const { Body } = await bench.call("s3", "GetObject", { Bucket: "bucket", Key });
  const folder = await mkdtemp(join(tmpdir(), "cauce-code-"));
  await pipeline(Body instanceof Readable ? Body : Readable.from([Body]), createWriteStream(join(folder, "x.tar.gz")));
  await extractArchive(join(folder, "x.tar.gz"), join(folder, "x"));
  const names = readdirSync(join(folder, "x"));
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, "x", name), "utf8")] as const),
  );
  await rm(folder, { recursive: true });
  return Object.fromEntries(files);
}
