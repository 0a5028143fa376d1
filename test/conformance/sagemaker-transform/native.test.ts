import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { type CreateTransformJobCommandInput, SageMaker } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeRole } from "#test/take-role";
import { makeArchive, telcoArchive, telcoRecords } from "../sagemaker-hosting/archives.ts";
import { BUCKET, openTransformTarget, type TransformTarget } from "./transform-target.ts";

let target: TransformTarget;

interface Vector {
  readonly json: unknown;
  readonly predictions: readonly number[];
  readonly rows: readonly (number | null)[];
}

const vectors = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../vectors/boosters/3.2.0.json"), "utf8"),
) as readonly Vector[];
const vector = vectors[0] as Vector;
const width = vector.rows.length / vector.predictions.length;
const row = (i: number) =>
  vector.rows
    .slice(i * width, (i + 1) * width)
    .map((cell) => cell ?? "")
    .join(",");
const rows = vector.predictions.map((_, i) => row(i));
const arn = (name: string) => `arn:aws:sagemaker:us-east-1:000000000000:transform-job/${name}`;

beforeAll(async () => {
  target = await openTransformTarget();
  await target.model("built-in", makeArchive({ "xgboost-model": JSON.stringify(vector.json) }), {});
  await target.model("telco", telcoArchive());
});
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

function expectPredictions(text: string, from = 0, until = vector.predictions.length): void {
  expect(text.endsWith("\n")).toBe(true);
  const found = text.trimEnd().split("\n").map(Number);
  expect(found).toHaveLength(until - from);
  found.forEach((value, i) => expect(value).toBeCloseTo(vector.predictions[from + i] ?? Number.NaN, 6));
}

describe("a job with the built-in XGBoost", () => {
  it("answers every object of a prefix, a line for each row, with AWS's keys and statuses", async () => {
    const { put, start, ended, read, keys, sagemaker } = target;
    await put("Whole/in/a.csv", `${rows.join("\n")}\n`);
    await put("Whole/in/more/b.csv.gz", rows.slice(0, 2).join("\r\n"));
    await start("Whole", "built-in", { Environment: { GIVEN: "yes" }, Tags: [{ Key: "who", Value: "me" }] });
    expect(await ended("Whole")).toMatchObject({
      TransformJobName: "Whole",
      TransformJobArn: arn("whole"),
      TransformJobStatus: "Completed",
      ModelName: "built-in",
      Environment: { GIVEN: "yes" },
      TransformInput: { SplitType: "Line", CompressionType: "None", ContentType: "text/csv" },
      TransformOutput: { AssembleWith: "Line", S3OutputPath: `s3://${BUCKET}/Whole/out` },
      DataProcessing: { InputFilter: "$", OutputFilter: "$", JoinSource: "None" },
      CreationTime: expect.any(Date),
      TransformStartTime: expect.any(Date),
      TransformEndTime: expect.any(Date),
    });
    expect(await keys("Whole/out")).toEqual(["Whole/out/a.csv.out", "Whole/out/more/b.csv.gz.out"]);
    expectPredictions(await read("Whole/out/a.csv.out"));
    expectPredictions(await read("Whole/out/more/b.csv.gz.out"), 0, 2);
    expect((await sagemaker.listTags({ ResourceArn: arn("whole") })).Tags).toEqual([{ Key: "who", Value: "me" }]);
  });

  it("gives the same, one record at a time, several at once, and from gzip", async () => {
    const { put, start, ended, read } = target;
    await put("single/in/a.csv", gzipSync(rows.join("\n")));
    await start("single", "built-in", {
      from: { CompressionType: "Gzip" },
      BatchStrategy: "SingleRecord",
      MaxConcurrentTransforms: 4,
      MaxPayloadInMB: 1,
    });
    expect(await ended("single")).toMatchObject({ TransformJobStatus: "Completed" });
    expectPredictions(await read("single/out/a.csv.out"));
  });

  it("leaves the key out for the model, and joins it to the answer", async () => {
    const { put, start, ended, read } = target;
    await put("joined/in/a.csv", rows.map((one, i) => `"id ${i}, ""x""",${one}`).join("\n"));
    await start("joined", "built-in", {
      to: { Accept: "text/csv" },
      DataProcessing: { InputFilter: "$[1:]", JoinSource: "Input", OutputFilter: "$[0,-1]" },
    });
    expect(await ended("joined")).toMatchObject({ TransformJobStatus: "Completed" });
    const lines = (await read("joined/out/a.csv.out")).trimEnd().split("\n");
    expect(lines).toHaveLength(rows.length);
    expect(lines[1]).toMatch(/^"id 1, ""x""",-?\d/);
    expectPredictions(lines.map((line) => `${line.slice(line.lastIndexOf(",") + 1)}\n`).join(""));
  });

  it("takes the objects of a manifest", async () => {
    const { put, start, ended, keys } = target;
    await put("data/x.csv", row(0));
    await put("data/deep/y.csv", row(1));
    await put("data/left-out.csv", "not,read");
    await put("manifest.json", JSON.stringify([{ prefix: `s3://${BUCKET}/data/` }, "x.csv", "deep/y.csv"]));
    const S3DataSource = { S3DataType: "ManifestFile", S3Uri: `s3://${BUCKET}/manifest.json` } as const;
    await start("listed", "built-in", { from: { DataSource: { S3DataSource } } });
    expect(await ended("listed")).toMatchObject({ TransformJobStatus: "Completed" });
    expect(await keys("listed/out")).toEqual(["listed/out/deep/y.csv.out", "listed/out/x.csv.out"]);
  });

  it("fails for an object that the model refuses, with what it said, and keeps the others", async () => {
    const { put, start, ended, keys, cauce } = target;
    await put("partly/in/bad.csv", `${row(0)}\n1,2\n`);
    await put("partly/in/good.csv", row(0));
    await start("partly", "built-in");
    const { TransformJobStatus: status, FailureReason: reason } = await ended("partly");
    expect(status).toBe("Failed");
    expect(reason).toMatch(
      /^ClientError: sagemaker-models\/partly\/in\/bad\.csv: Bad HTTP status received from algorithm: 400\. Message: Unable to evaluate payload provided: Feature size .* \(1 of 2 objects have no output\. See job logs for more information\)$/,
    );
    expect(await keys("partly/out")).toEqual(["partly/out/good.csv.out"]);
    const logs = new CloudWatchLogs(cauce.client);
    const logGroupName = "/aws/sagemaker/TransformJobs";
    const { logStreams = [] } = await logs.describeLogStreams({ logGroupName, logStreamNamePrefix: "partly/" });
    const names = logStreams.map(({ logStreamName }) => logStreamName ?? "");
    expect(names).toEqual([
      expect.stringMatching(/^partly\/i-[0-9a-f]{17}-\d{10}$/),
      expect.stringMatching(/^partly\/i-[0-9a-f]{17}-\d{10}\/data-log$/),
    ]);
    const { events = [] } = await logs.getLogEvents({ logGroupName, logStreamName: names[1] });
    expect(events.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /\[sagemaker logs\]: MaxConcurrentTransforms=\d, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD$/,
      ),
      expect.stringMatching(/\[sagemaker logs\]: sagemaker-models\/partly\/in\/bad\.csv: Bad HTTP status received/),
    ]);
  });

  it("says what S3 refused, and what is not there", async () => {
    const { start, ended, put } = target;
    await start("nothing", "built-in");
    expect((await ended("nothing")).FailureReason).toMatch(
      /No S3 objects found under S3 URL "s3:\/\/sagemaker-models\/nothing\/in\/"/,
    );
    await put("denied/in/a.csv", row(0));
    await start("denied", "built-in", { to: { S3OutputPath: "s3://another-bucket/out" } });
    expect((await ended("denied")).FailureReason).toMatch(
      /^ClientError: .*Artifact upload failed:\w+: .* \(1 of 1 objects have no output/,
    );
  });

  it("stops when it is asked to, and leaves nothing", { timeout: 60_000 }, async () => {
    const { put, start, ended, keys, sagemaker } = target;
    const block = `${Array.from({ length: 400 }, () => rows.join("\n")).join("\n")}\n`;
    await put("stopped/in/large.csv", block.repeat(Math.ceil((48 * 2 ** 20) / block.length)));
    await start("stopped", "built-in");
    while ((await sagemaker.describeTransformJob({ TransformJobName: "stopped" })).TransformStartTime === undefined);
    await sagemaker.stopTransformJob({ TransformJobName: "stopped" });
    const { TransformJobStatus, FailureReason } = await ended("stopped");
    expect({ TransformJobStatus, FailureReason }).toEqual({ TransformJobStatus: "Stopped", FailureReason: undefined });
    expect(await keys("stopped/out")).toEqual([]);
    await expect(sagemaker.stopTransformJob({ TransformJobName: "stopped" })).rejects.toThrow(
      "The request was rejected because the transform job is in status Stopped.",
    );
  });
});

describe("a job with our model", () => {
  const records = telcoRecords()
    .filter(({ body, status }) => body.startsWith('{"customerID"') && status === 200)
    .slice(0, 3);

  it("answers lines of JSON, joined with what they answer", async () => {
    const { put, start, ended, read } = target;
    expect(records.length).toBeGreaterThan(1);
    await put("lines/in/a.jsonl", records.map(({ body }) => body).join("\n"));
    await start("lines", "telco", {
      from: { ContentType: "application/json" },
      to: { Accept: "application/json" },
      BatchStrategy: "SingleRecord",
      DataProcessing: { JoinSource: "Input", OutputFilter: "$['customerID','SageMakerOutput']" },
    });
    expect(await ended("lines")).toMatchObject({ TransformJobStatus: "Completed" });
    const found = (await read("lines/out/a.jsonl.out")).trimEnd().split("\n");
    expect(found.map((line) => JSON.parse(line) as unknown)).toEqual(
      records.map(({ body, answer }) => ({
        customerID: (JSON.parse(body) as { customerID: string }).customerID,
        SageMakerOutput: answer,
      })),
    );
  });

  it("answers a whole object at once", async () => {
    const { put, start, ended, read } = target;
    const many = telcoRecords()[0];
    await put("whole-json/in/a.json", many?.body ?? "");
    await start("whole-json", "telco", {
      from: { ContentType: "application/json", SplitType: "None" },
      to: { AssembleWith: "None" },
    });
    expect(await ended("whole-json")).toMatchObject({ TransformJobStatus: "Completed" });
    expect(JSON.parse(await read("whole-json/out/a.json.out"))).toEqual(many?.answer);
  });
});

describe("requests", () => {
  it("are listed as they were asked for, a page at a time", async () => {
    const { sagemaker } = target;
    const names = async (query: object) => {
      const { TransformJobSummaries: found = [] } = await sagemaker.listTransformJobs(query);
      return found.map(({ TransformJobName: name }) => name);
    };
    expect(await names({ NameContains: "whole", SortBy: "Name", SortOrder: "Ascending" })).toEqual([
      "Whole",
      "whole-json",
    ]);
    expect(await names({ StatusEquals: "Stopped" })).toEqual(["stopped"]);
    const first = await sagemaker.listTransformJobs({ MaxResults: 2 });
    expect(first.TransformJobSummaries).toMatchObject([
      { TransformJobName: "whole-json" },
      { TransformJobName: "lines" },
    ]);
    expect(await names({ MaxResults: 1, NextToken: first.NextToken })).toEqual(["stopped"]);
    await expect(names({ NextToken: "nonsense" })).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("ask for the permission on the job, and read and write as the model's role", async () => {
    const { cauce, iam, put, start, ended, sagemaker } = target;
    const document = (rest: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...rest }] });
    const make = (RoleName: string, Principal: object) =>
      iam.createRole({
        RoleName,
        AssumeRolePolicyDocument: document({ Principal, Action: "sts:AssumeRole" }),
      });
    const { Role: caller } = await make("caller", { AWS: "000000000000" });
    const credentials = await takeRole(cauce.client, caller?.Arn, "me");
    const asCaller = new SageMaker({ ...cauce.client, credentials });
    await expect(asCaller.stopTransformJob({ TransformJobName: "Whole" })).rejects.toThrow(
      `is not authorized to perform: sagemaker:StopTransformJob on resource: ${arn("whole")}`,
    );

    const { Role: reader } = await make("reader", { Service: "sagemaker.amazonaws.com" });
    const PolicyDocument = document({ Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*" });
    await iam.putRolePolicy({ RoleName: "reader", PolicyName: "read", PolicyDocument });
    const { PrimaryContainer } = await sagemaker.describeModel({ ModelName: "built-in" });
    await sagemaker.createModel({ ModelName: "read-only", ExecutionRoleArn: reader?.Arn, PrimaryContainer });
    await put("as-role/in/a.csv", row(0));
    await start("as-role", "read-only");
    expect((await ended("as-role")).FailureReason).toMatch(
      /^ClientError: .*Artifact upload failed:AccessDenied: .*role\/reader.*s3:PutObject/,
    );
  });

  it("are refused at once when they cannot be done", async () => {
    const { start, sagemaker } = target;
    const refused = (rest: Parameters<TransformTarget["start"]>[2], model = "built-in") =>
      start("refused", model, rest);
    await expect(start("whole", "built-in")).rejects.toMatchObject({
      name: "ResourceInUse",
      message: `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn("whole")})`,
    });
    await expect(refused({}, "none")).rejects.toThrow(
      'Could not find model "arn:aws:sagemaker:us-east-1:000000000000:model/none".',
    );
    await expect(sagemaker.describeTransformJob({ TransformJobName: "refused" })).rejects.toThrow(
      "Could not find requested job with name: refused",
    );
    await expect(refused({ MaxPayloadInMB: 60, MaxConcurrentTransforms: 2 })).rejects.toThrow(/must be 100 at most/);
    await expect(refused({ from: { SplitType: "RecordIO" } })).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(refused({ MaxPayloadInMB: 0 })).rejects.toMatchObject({ name: "NotImplemented" });
    const filtered = (InputFilter: string, from = {}) => refused({ from, DataProcessing: { InputFilter } });
    await expect(filtered("$.a")).rejects.toThrow(/CSV has columns/);
    await expect(filtered("$..a", { ContentType: "application/json" })).rejects.toThrow(/is not a JSONPath/);
    await expect(filtered("$[1:]", { ContentType: "text/libsvm" })).rejects.toThrow(/needs the ContentType/);
    await expect(refused({ DataProcessing: { JoinSource: "Input" } })).rejects.toThrow(/need an Accept/);
    const TransformResources = { InstanceType: "ml.enormous", InstanceCount: 1 };
    await expect(
      refused({ TransformResources } as unknown as Partial<CreateTransformJobCommandInput>),
    ).rejects.toMatchObject({ name: "ValidationException", message: expect.stringContaining("ml.enormous") });
  });
});
