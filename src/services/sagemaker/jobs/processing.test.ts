import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InputOf, textOf } from "#kernel";
import { type Bench, IMAGE, openBench, prepare, ROLE } from "./kernel.fixture.ts";

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
  await prepare(bench);
  await put("in/a.txt", "hello");
  await put("in/deeper/b.txt", "world");
});

afterAll(() => bench.close());

const put = (Key: string, text: string) =>
  bench.call("s3", "PutObject", { Bucket: "bucket", Key, Body: Buffer.from(text) });

type Request = InputOf<"sagemaker", "CreateProcessingJob">;

async function start(name: string, script: string, changes: Partial<Request> = {}) {
  await put(`code/${name}/run.py`, script);
  return bench.call("sagemaker", "CreateProcessingJob", {
    ProcessingJobName: name,
    RoleArn: ROLE,
    AppSpecification: {
      ImageUri: IMAGE,
      ContainerEntrypoint: ["python3", "/opt/ml/processing/input/code/run.py"],
      ContainerArguments: ["--x", "1"],
    },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 10 } },
    ProcessingInputs: [
      {
        InputName: "code",
        S3Input: {
          S3Uri: `s3://bucket/code/${name}`,
          LocalPath: "/opt/ml/processing/input/code",
          S3DataType: "S3Prefix",
          S3InputMode: "File",
        },
      },
      {
        InputName: "data",
        S3Input: {
          S3Uri: "s3://bucket/in/",
          LocalPath: "/opt/ml/processing/input/data",
          S3DataType: "S3Prefix",
          S3InputMode: "File",
        },
      },
    ],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: "out",
          S3Output: {
            S3Uri: `s3://bucket/out/${name}`,
            LocalPath: "/opt/ml/processing/output/out",
            S3UploadMode: "EndOfJob",
          },
        },
      ],
    },
    ...changes,
  });
}

async function finished(name: string) {
  for (;;) {
    const job = await bench.call("sagemaker", "DescribeProcessingJob", { ProcessingJobName: name });
    if (job.ProcessingJobStatus !== "InProgress" && job.ProcessingJobStatus !== "Stopping") return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function logOf(name: string): Promise<string[]> {
  const logGroupName = "/aws/sagemaker/ProcessingJobs";
  const { events } = await bench.call("logs", "FilterLogEvents", {
    logGroupName,
    logStreamNamePrefix: `${name}/algo-1-`,
  });
  return (events ?? []).map(({ message }) => message ?? "");
}

async function read(Key: string): Promise<string> {
  const { Body } = await bench.call("s3", "GetObject", { Bucket: "bucket", Key });
  return textOf(Body);
}

describe("CreateProcessingJob", () => {
  it("runs the entry point on its inputs and uploads the outputs", async () => {
    const script = `
import json, os, pathlib, sys
out = pathlib.Path("/opt/ml/processing/output/out")
(out / "sub").mkdir()
data = pathlib.Path("/opt/ml/processing/input/data")
(out / "sub" / "joined").write_text((data / "a.txt").read_text() + " " + (data / "deeper" / "b.txt").read_text())
config = json.load(open("/opt/ml/config/processingjobconfig.json"))
(out / "seen.json").write_text(json.dumps({"argv": sys.argv[1:], "arn": config["ProcessingJobArn"], "env": dict(os.environ)}))
pathlib.Path("/opt/ml/output/message").write_text("all good")
print("done")
`;
    const { ProcessingJobArn } = await start("whole", script, { Environment: { COLOUR: "blue" } });
    const job = await finished("whole");
    expect(job).toMatchObject({ ProcessingJobStatus: "Completed", ExitMessage: "all good" });
    expect(await read("out/whole/sub/joined")).toBe("hello world");
    const seen = JSON.parse(await read("out/whole/seen.json")) as {
      argv: string[];
      arn: string;
      env: Record<string, string>;
    };
    expect(seen).toMatchObject({
      argv: ["--x", "1"],
      arn: ProcessingJobArn,
      env: { COLOUR: "blue", AWS_REGION: "us-east-1" },
    });
    expect(Object.keys(seen.env).filter((name) => /^(SM_|CAUCE|HOME$|USER|SSH|NODE)/.test(name))).toEqual(["HOME"]);
    expect(await logOf("whole")).toEqual(["done"]);
    expect(bench.reports).toEqual([]);
  });

  it("fails with the lines that matter, and the message as it was written", async () => {
    await start(
      "crash",
      "import os\nos.makedirs('/opt/ml/output', exist_ok=True)\ndef f():\n    raise ValueError('no target column')\nf()",
    );
    const job = await finished("crash");
    expect(job).toMatchObject({
      ProcessingJobStatus: "Failed",
      FailureReason:
        'AlgorithmError: ValueError: no target column (File "/opt/ml/processing/input/code/run.py", line 4, in f), exit code: 1',
    });
    await start("told", "open('/opt/ml/output/message', 'w').write('The table has no rows.')\nraise SystemExit(3)");
    expect(await finished("told")).toMatchObject({
      FailureReason: "AlgorithmError: The table has no rows., exit code: 3",
      ExitMessage: "The table has no rows.",
    });
  });

  it("keeps the keys of the server, and what other jobs have, out of reach", async () => {
    const script = `
import glob, os
for path in ["${bench.home}/credentials", "${bench.home}/state.db", "/etc/shadow", "/proc/1/environ"]:
    try: print("READ", path, open(path, "rb").read(10)) if path != "/proc/1/environ" else None
    except OSError as error: print(type(error).__name__)
print(sorted(glob.glob("${bench.home}/jobs/*")), os.getuid() != 0)
`;
    await start("spy", script);
    expect(await finished("spy")).toMatchObject({ ProcessingJobStatus: "Completed" });
    const lines = await logOf("spy");
    expect(lines.filter((line) => line.startsWith("READ"))).toEqual([]);
    expect(lines).toContain("[] True");
  });

  it("does not follow a link that a job leaves among its outputs", async () => {
    await start("link", `import os\nos.symlink("${bench.home}/credentials", "/opt/ml/processing/output/out/x")`);
    expect(await finished("link")).toMatchObject({
      ProcessingJobStatus: "Failed",
      FailureReason: expect.stringContaining("x is a link") as string,
    });
    await start(
      "note",
      `import os\nos.symlink("${bench.home}/credentials", "/opt/ml/output/message")\nraise SystemExit(1)`,
    );
    const { ExitMessage, FailureReason } = await finished("note");
    expect(ExitMessage).toBeUndefined();
    expect(FailureReason).toContain("exit code: 1");
  });

  it("stops the whole group when asked, and when time is up", async () => {
    const script =
      "import subprocess, time\nsubprocess.Popen(['sleep', '54321'])\nprint('up', flush=True)\ntime.sleep(300)";
    await start("stopped", script);
    await expect.poll(() => logOf("stopped").catch(() => []), { timeout: 20_000 }).toEqual(["up"]);
    await bench.call("sagemaker", "StopProcessingJob", { ProcessingJobName: "stopped" });
    expect(await finished("stopped")).toMatchObject({ ProcessingJobStatus: "Stopped" });
    await start("late", script, { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    expect(await finished("late")).toMatchObject({ ProcessingJobStatus: "Stopped" });
    expect(execFileSync("ps", ["ax"], { encoding: "utf8" })).not.toContain("sleep 54321");
    await expect(bench.call("sagemaker", "StopProcessingJob", { ProcessingJobName: "late" })).rejects.toThrow(
      "is in status Stopped",
    );
  });

  it("says what is wrong with the request at once", async () => {
    await expect(start("Whole".toLowerCase(), "")).rejects.toMatchObject({ code: "ResourceInUse" });
    await expect(start("pipe", "", { RoleArn: "arn:aws:iam::000000000000:role/nobody" })).rejects.toThrow(
      /Could not assume role/,
    );
    const output = {
      OutputName: "out",
      S3Output: { S3Uri: "s3://bucket/x", LocalPath: "/etc", S3UploadMode: "EndOfJob" as const },
    };
    await expect(start("etc", "", { ProcessingOutputConfig: { Outputs: [output] } })).rejects.toMatchObject({
      code: "ValidationException",
    });
    const continuous = {
      OutputName: "out",
      S3Output: { S3Uri: "s3://bucket/x", LocalPath: "/opt/ml/processing/o", S3UploadMode: "Continuous" as const },
    };
    await expect(start("cont", "", { ProcessingOutputConfig: { Outputs: [continuous] } })).rejects.toMatchObject({
      code: "NotImplemented",
    });
    await expect(bench.call("sagemaker", "DescribeProcessingJob", { ProcessingJobName: "none" })).rejects.toThrow(
      "Could not find requested job with name: none",
    );
  });

  it("fails the job for what only shows later: an input that is not there, an image that is not known", async () => {
    const input = {
      InputName: "data",
      S3Input: {
        S3Uri: "s3://bucket/nothing/",
        LocalPath: "/opt/ml/processing/x",
        S3DataType: "S3Prefix" as const,
        S3InputMode: "File" as const,
      },
    };
    await start("empty", "", { ProcessingInputs: [input] });
    expect((await finished("empty")).FailureReason).toMatch(
      /^ClientError: Data download failed:No S3 objects found under S3 URL "s3:\/\/bucket\/nothing\/"/,
    );
    await start("image", "", {
      AppSpecification: { ImageUri: "1.dkr.ecr.us-east-1.amazonaws.com/other:1", ContainerEntrypoint: ["x"] },
    });
    expect((await finished("image")).FailureReason).toMatch(
      /^ClientError: The image .* does not run here.*sagemaker-xgboost:3\.2-0/,
    );
  });

  it("is listed, newest first, by status and by name", async () => {
    const names = async (query: InputOf<"sagemaker", "ListProcessingJobs">) =>
      (await bench.call("sagemaker", "ListProcessingJobs", query)).ProcessingJobSummaries?.map(
        ({ ProcessingJobName }) => ProcessingJobName,
      );
    expect(await names({ StatusEquals: "Stopped" })).toEqual(["late", "stopped"]);
    expect(await names({ NameContains: "who" })).toEqual(["whole"]);
    const first = await bench.call("sagemaker", "ListProcessingJobs", {
      MaxResults: 2,
      SortBy: "Name",
      SortOrder: "Ascending",
    });
    expect(first.ProcessingJobSummaries?.map(({ ProcessingJobName }) => ProcessingJobName)).toEqual(["crash", "empty"]);
    expect(
      await names({
        MaxResults: 1,
        SortBy: "Name",
        SortOrder: "Ascending",
        ...(first.NextToken && { NextToken: first.NextToken }),
      }),
    ).toEqual(["image"]);
  });
});
