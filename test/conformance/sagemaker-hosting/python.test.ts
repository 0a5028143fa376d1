import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shareRuntimes } from "#test/shared-runtimes";
import { makeArchive, telcoArchive, telcoRecords } from "./archives.ts";
import { BUCKET, type HostingTarget, IMAGE, openTarget, prepare, SCRIPT, variant } from "./hosting-target.ts";

const LINEAR = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1";

let target: HostingTarget;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-python-"));
  await shareRuntimes(home);
  target = await openTarget({ home });
  await prepare(target.iam, target.s3);
}, 600_000);
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

async function serve(name: string, archive: Uint8Array, environment?: Record<string, string>, image?: string) {
  await target.model(name, archive, environment, image);
  await target.sagemaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
  return target.settled(name);
}

const script = (code: string) => makeArchive({ "code/inference.py": code });

it("serves a script of the user's, with what a caller sends", { timeout: 600_000 }, async () => {
  const code = `
import os, json
def model_fn(model_dir):
    return {"dir": model_dir, "given": os.environ["GIVEN"], "hidden": os.path.exists(${JSON.stringify(home)} + "/credentials")}
def transform_fn(model, data, content_type, accept):
    return json.dumps({"model": model, "data": json.loads(data), "type": content_type, "accept": accept}), "application/json"
`;
  const environment = {
    SAGEMAKER_PROGRAM: "inference.py",
    SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
    GIVEN: "yes",
  };
  expect(await serve("script", script(code), environment)).toMatchObject({ EndpointStatus: "InService" });
  const answer = await target.invoke("script", '{"a": 1}', { Accept: "application/json" });
  expect(JSON.parse(answer.body)).toMatchObject({
    model: { given: "yes", hidden: false },
    data: { a: 1 },
    type: "application/json",
    accept: "application/json",
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => target.invoke("script", JSON.stringify({ a: i }))),
  );
  expect(answers.map(({ body }) => (JSON.parse(body) as { data: { a: number } }).data.a)).toEqual(
    answers.map((_, i) => i),
  );
});

it("answers our own inference.py by Python as by the native scorer", async () => {
  // Another module beside the code: no longer what ships with Cauce, so Python serves it.
  const archive = telcoArchive({ "code/extra.py": "x = 1\n" });
  expect(await serve("ours", archive)).toMatchObject({ EndpointStatus: "InService" });
  const cases = telcoRecords().filter(({ status }) => status === 200);
  for (const { body, answer } of cases.slice(0, 5))
    expect(JSON.parse((await target.invoke("ours", body)).body)).toEqual(answer);
  await expect(target.invoke("ours", '{"tenure": "abc"}')).rejects.toMatchObject({
    name: "ModelError",
    OriginalStatusCode: 400,
  });
});

it("gives an exception of the script as ModelError 500, and its trace in the log", async () => {
  const code = `
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    if "die" in data: import os; os._exit(3)
    raise KeyError("no such thing")
`;
  await serve("broken", script(code));
  await expect(target.invoke("broken", "{}")).rejects.toMatchObject({
    name: "ModelError",
    OriginalStatusCode: 500,
    message: expect.stringMatching(/^Received server error \(500\) from primary with message "/),
  });
  const logs = new CloudWatchLogs(target.cauce.client);
  const read = async () => {
    const { events } = await logs.filterLogEvents({ logGroupName: "/aws/sagemaker/Endpoints/broken" });
    return events?.map(({ message }) => message).join("\n");
  };
  await expect.poll(read, { timeout: 5000 }).toContain("KeyError: 'no such thing'");

  await expect(target.invoke("broken", '"die"')).rejects.toMatchObject({ name: "ModelError", OriginalStatusCode: 500 });
  await expect
    .poll(() => target.invoke("broken", "{}").catch((error: Error) => error.message), { timeout: 10_000 })
    .toContain("(500)");
});

it("fails with the lines that matter when the container does not start", async () => {
  const failed = await serve(
    "no-model",
    script("def model_fn(model_dir):\n    raise RuntimeError('the file is missing')\n"),
  );
  expect(failed).toMatchObject({ EndpointStatus: "Failed" });
  expect(failed.FailureReason).toMatch(
    /^The primary container for production variant AllTraffic did not pass the ping health check\. Please check CloudWatch logs for this endpoint\. .*RuntimeError: the file is missing/s,
  );
});

it("serves the built-in linear learner's model", async () => {
  const model = {
    format: "cauce-linear",
    version: 1,
    predictor_type: "binary_classifier",
    feature_dim: 2,
    weights: [[1, -1]],
    bias: [0],
    threshold: 0.5,
    probability: true,
  };
  expect(await serve("linear", makeArchive({ "model_algo-1": JSON.stringify(model) }), {}, LINEAR)).toMatchObject({
    EndpointStatus: "InService",
  });
  const { body } = await target.invoke("linear", "3,1", { ContentType: "text/csv", Accept: "application/json" });
  expect(JSON.parse(body)).toEqual({ predictions: [{ score: expect.closeTo(0.8807971, 6), predicted_label: 1 }] });
});

it("lets a model with network isolation reach nothing", async () => {
  const code = `
import socket
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    try:
        socket.create_connection(("127.0.0.1", int(data)), 2)
        return '"reached"', "application/json"
    except OSError as error:
        return '"' + str(error) + '"', "application/json"
`;
  const { cauce, s3, sagemaker, role, invoke, settled } = target;
  const port = new URL(cauce.endpoint).port;
  await s3.putObject({ Bucket: BUCKET, Key: "isolated.tar.gz", Body: script(code) });
  const container = { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/isolated.tar.gz`, Environment: SCRIPT };
  for (const EnableNetworkIsolation of [false, true]) {
    const name = EnableNetworkIsolation ? "isolated" : "open";
    await sagemaker.createModel({
      ModelName: name,
      ExecutionRoleArn: role,
      PrimaryContainer: container,
      EnableNetworkIsolation,
    });
    await sagemaker.createEndpointConfig({ EndpointConfigName: name, ProductionVariants: [variant(name)] });
    await sagemaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
    expect(await settled(name)).toMatchObject({ EndpointStatus: "InService" });
  }
  expect((await invoke("open", port)).body).toBe('"reached"');
  expect((await invoke("isolated", port)).body).not.toBe('"reached"');
});
