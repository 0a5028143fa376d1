import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeArchive } from "../sagemaker-hosting/archives.ts";
import { prepare, SCRIPT } from "../sagemaker-hosting/hosting-target.ts";
import { allowWriting, openTransformTarget, type TransformTarget } from "./transform-target.ts";

/** One runtime for all tests of this checkout: pip runs in the first one only. */
const RUNTIMES = resolve(import.meta.dirname, "../../../node_modules/.cache/cauce/runtimes");

let target: TransformTarget;
let home: string;

const CODE = `
import json, os, time
seen = 0
def model_fn(model_dir):
    print("loading")
    return {name: os.environ.get(name) for name in ("SAGEMAKER_BATCH", "SAGEMAKER_BATCH_STRATEGY", "SAGEMAKER_MAX_PAYLOAD_IN_MB", "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", "GIVEN")}
def transform_fn(model, data, content_type, accept):
    global seen
    seen += 1
    lines = data.splitlines() if isinstance(data, str) else data.decode().splitlines()
    if "fail once" in lines[0] and seen == 1:
        raise ValueError("not yet")
    if "fail" == lines[0]:
        raise ValueError("never")
    if "slow" in lines[0]:
        time.sleep(60)
    return "\\n".join(json.dumps({"line": line, "of": len(lines), "model": model, "accept": accept}) for line in lines), accept
`;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-transform-"));
  await mkdir(RUNTIMES, { recursive: true });
  await symlink(RUNTIMES, join(home, "runtimes"));
  target = await openTransformTarget({ home });
  await prepare(target.iam, target.s3);
  await allowWriting(target);
  const environment = { ...SCRIPT, SAGEMAKER_MODEL_SERVER_WORKERS: "1" };
  await target.model("script", makeArchive({ "code/inference.py": CODE }), environment);
}, 600_000);
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

it("gives a script its records, what the request says, and its log", { timeout: 600_000 }, async () => {
  const { put, start, ended, read, cauce } = target;
  await put("scripted/in/a.txt", "one\ntwo\nthree\n");
  await start("scripted", "script", {
    from: { ContentType: "application/x-lines" },
    to: { Accept: "application/jsonlines" },
    Environment: { GIVEN: "yes" },
    BatchStrategy: "MultiRecord",
    MaxPayloadInMB: 2,
    MaxConcurrentTransforms: 3,
  });
  expect(await ended("scripted")).toMatchObject({ TransformJobStatus: "Completed" });
  const lines = (await read("scripted/out/a.txt.out")).split("\n");
  expect(lines.map((line) => (line === "" ? "" : (JSON.parse(line) as unknown)))).toMatchObject([
    {
      line: "one",
      of: 3,
      accept: "application/jsonlines",
      model: {
        SAGEMAKER_BATCH: "true",
        SAGEMAKER_BATCH_STRATEGY: "MULTI_RECORD",
        SAGEMAKER_MAX_PAYLOAD_IN_MB: "2",
        SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: "3",
        GIVEN: "yes",
      },
    },
    { line: "two" },
    { line: "three" },
    "",
  ]);
  const logGroupName = "/aws/sagemaker/TransformJobs";
  const logs = new CloudWatchLogs(cauce.client);
  const { events = [] } = await logs.filterLogEvents({ logGroupName, logStreamNamePrefix: "scripted/" });
  expect(events.map(({ message }) => message)).toContain("loading");
});

it(
  "answers as the native scorer does with the image's own server, a line for each row",
  { timeout: 60_000 },
  async () => {
    const { put, start, ended, read, model } = target;
    const lines = Array.from({ length: 20 }, (_, i) => `-122.2,37.${i},41,${880 + i},129,322,126,${i / 3},3`);
    const archive = makeArchive({ "xgboost-model": { from: "test/vectors/records/california/model.ubj" } });
    await model("native", archive, {});
    // With this variable the answer is left to Python.
    await model("image", archive, { SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: "text/csv" });
    for (const name of ["native", "image"]) {
      await put(`${name}/in/a.csv`, lines.join("\n"));
      await start(name, name, {
        DataProcessing: { JoinSource: "Input", OutputFilter: "$[-1]" },
        to: { Accept: "text/csv" },
      });
      expect((await ended(name)).FailureReason).toBeUndefined();
    }
    const numbers = (text: string) => text.trimEnd().split("\n").map(Number);
    const [native, image] = [await read("native/out/a.csv.out"), await read("image/out/a.csv.out")].map(numbers);
    expect(image).toHaveLength(lines.length);
    image?.forEach((value, i) => expect(value).toBeCloseTo(native?.[i] ?? Number.NaN, 6));
  },
);

it("asks again what the script failed at, so often as is said", { timeout: 60_000 }, async () => {
  const { put, start, ended, read } = target;
  await put("again/in/a.txt", "fail once");
  await start("again", "script", { from: { ContentType: "text/csv" } });
  expect(await ended("again")).toMatchObject({ TransformJobStatus: "Completed" });
  expect(await read("again/out/a.txt.out")).toContain('"fail once"');
  await put("never/in/a.txt", "fail");
  await start("never", "script", { ModelClientConfig: { InvocationsMaxRetries: 0 } });
  const { FailureReason: reason } = await ended("never");
  expect(reason).toMatch(
    /^AlgorithmError: .*never\/in\/a\.txt: Bad HTTP status received from algorithm: 500\. Message: /,
  );
});

it("gives up on an answer that takes too long", { timeout: 60_000 }, async () => {
  const { put, start, ended } = target;
  await put("late/in/a.txt", "slow");
  await start("late", "script", { ModelClientConfig: { InvocationsMaxRetries: 0, InvocationsTimeoutInSeconds: 1 } });
  expect((await ended("late")).FailureReason).toMatch(/^AlgorithmError: .*No answer in time from the algorithm/);
});

it("says why a model did not load", { timeout: 60_000 }, async () => {
  const { put, start, ended, model } = target;
  const code = 'def model_fn(model_dir):\n    raise RuntimeError("no weights here")\n';
  await model("broken", makeArchive({ "code/inference.py": code }));
  await put("broken/in/a.txt", "one");
  await start("broken", "broken");
  expect(await ended("broken")).toMatchObject({
    TransformJobStatus: "Failed",
    FailureReason: expect.stringMatching(
      /^AlgorithmError: The container did not pass the ping health check, .*RuntimeError: no weights here/s,
    ),
  });
});

it("ends with the server, at once, and says so", { timeout: 60_000 }, async () => {
  const { put, start, sagemaker } = target;
  await put("cut/in/a.txt", "slow");
  await start("cut", "script");
  while ((await sagemaker.describeTransformJob({ TransformJobName: "cut" })).TransformStartTime === undefined);
  const stopped = Date.now();
  await target.cauce[Symbol.asyncDispose]();
  expect(Date.now() - stopped).toBeLessThan(30_000);
  target = await openTransformTarget({ home });
  const found = await target.sagemaker.describeTransformJob({ TransformJobName: "cut" });
  expect(found).toMatchObject({
    TransformJobStatus: "Failed",
    FailureReason: "InternalServerError: The server was stopped while the job was running. Create the job again.",
  });
});
