import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SageMakerRuntime } from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeRole } from "#test/take-role";
import { makeArchive, telcoArchive, telcoRecords } from "./archives.ts";
import { BUCKET, type HostingTarget, IMAGE, openTarget, prepare, SCRIPT, variant } from "./hosting-target.ts";

let target: HostingTarget;

beforeAll(async () => {
  target = await openTarget();
  await target.model("telco", telcoArchive());
});
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

const arn = (kind: string, name: string) => `arn:aws:sagemaker:us-east-1:000000000000:${kind}/${name}`;
const [many] = telcoRecords();
const one = telcoRecords().find(({ body, status }) => body.startsWith('{"customerID"') && status === 200);

describe("an endpoint", () => {
  it("serves, and answers as inference.py does", async () => {
    const { sagemaker, settled, invoke } = target;
    const { EndpointArn } = await sagemaker.createEndpoint({ EndpointName: "Churn", EndpointConfigName: "telco" });
    expect(EndpointArn).toBe(arn("endpoint", "churn"));
    expect(await settled("Churn")).toMatchObject({
      EndpointStatus: "InService",
      EndpointConfigName: "telco",
      ProductionVariants: [{ VariantName: "AllTraffic", CurrentInstanceCount: 1, CurrentWeight: 1 }],
    });
    const answer = await invoke("Churn", many?.body ?? "");
    expect(JSON.parse(answer.body)).toEqual(many?.answer);
    expect(answer).toMatchObject({ variant: "AllTraffic", type: "application/json" });
  });

  it("gives a caller's mistake as ModelError with the container's answer", async () => {
    await expect(target.invoke("Churn", '{"tenure": "abc"}')).rejects.toMatchObject({
      name: "ModelError",
      OriginalStatusCode: 400,
      OriginalMessage: expect.stringContaining('\\"tenure\\" must be a number'),
      LogStreamArn: "arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/Churn",
      message: expect.stringMatching(/^Received client error \(400\) from primary with message "/),
      $metadata: { httpStatusCode: 424 },
    });
  });

  it("is only known to the runtime when it serves", async () => {
    await expect(target.invoke("nowhere", "{}")).rejects.toMatchObject({
      name: "ValidationError",
      message: "Endpoint nowhere of account 000000000000 not found.",
    });
  });

  it("asks for the permission to invoke it, word for word as AWS", async () => {
    const { cauce, iam, runtime } = target;
    const statement = { Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRole" };
    const { Role } = await iam.createRole({
      RoleName: "caller",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    });
    const credentials = await takeRole(cauce.client, Role?.Arn, "web");
    const caller = new SageMakerRuntime({ ...cauce.client, credentials });
    const input = { EndpointName: "Churn", Body: one?.body ?? "", ContentType: "application/json" };
    await expect(caller.invokeEndpoint(input)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message:
        "User: arn:aws:sts::000000000000:assumed-role/caller/web is not authorized to perform: sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1:000000000000:endpoint/churn because no identity-based policy allows the sagemaker:InvokeEndpoint action",
      $metadata: { httpStatusCode: 403 },
    });
    const allowed = { Effect: "Allow", Action: "sagemaker:InvokeEndpoint", Resource: arn("endpoint", "churn") };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [allowed] });
    await iam.putRolePolicy({ RoleName: "caller", PolicyName: "invoke", PolicyDocument });
    await caller.invokeEndpoint(input);
    await expect(runtime.invokeEndpoint({ ...input, Body: new Uint8Array(6_291_457) })).rejects.toMatchObject({
      name: "ValidationError",
    });
  });

  it("is made once", async () => {
    const { sagemaker } = target;
    await expect(
      sagemaker.createEndpoint({ EndpointName: "churn", EndpointConfigName: "telco" }),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: `Cannot create already existing endpoint "${arn("endpoint", "churn")}".`,
    });
    await expect(sagemaker.createEndpoint({ EndpointName: "x", EndpointConfigName: "none" })).rejects.toThrow(
      `Could not find endpoint configuration "${arn("endpoint-config", "none")}".`,
    );
    await expect(sagemaker.describeEndpoint({ EndpointName: "none" })).rejects.toThrow(
      `Could not find endpoint "${arn("endpoint", "none")}".`,
    );
  });

  it("serves the built-in algorithm's model as the image does", async () => {
    const vectors = JSON.parse(
      readFileSync(resolve(import.meta.dirname, "../../vectors/boosters/3.2.0.json"), "utf8"),
    ) as {
      readonly name: string;
      readonly json: unknown;
      readonly predictions: readonly number[];
      readonly rows: readonly (number | null)[];
    };
    const vector = Array.isArray(vectors) ? vectors[0] : vectors;
    const width = vector.rows.length / vector.predictions.length;
    await target.model("built-in", makeArchive({ "xgboost-model": JSON.stringify(vector.json) }), {});
    await target.sagemaker.createEndpoint({ EndpointName: "built-in", EndpointConfigName: "built-in" });
    expect(await target.settled("built-in")).toMatchObject({ EndpointStatus: "InService" });
    const rows = [0, 1].map((row) =>
      vector.rows
        .slice(row * width, (row + 1) * width)
        .map((cell: number | null) => cell ?? "")
        .join(","),
    );
    const answer = await target.invoke("built-in", rows.join("\n"), { ContentType: "text/csv" });
    expect(answer.type).toMatch(/^text\/csv/);
    const scores = answer.body.split(",").map(Number);
    scores.forEach((score, i) => expect(score).toBeCloseTo(vector.predictions[i] ?? Number.NaN, 6));
    expect(scores).toHaveLength(2);
  });

  it("changes from one configuration to the next without a request lost", async () => {
    const { sagemaker, settled, invoke } = target;
    await sagemaker.createEndpointConfig({
      EndpointConfigName: "next",
      ProductionVariants: [variant("telco", "Second")],
    });
    let going = true;
    const seen = new Set<string | undefined>();
    const caller = (async () => {
      while (going) seen.add((await invoke("Churn", one?.body ?? "")).variant);
    })();
    await sagemaker.updateEndpoint({ EndpointName: "Churn", EndpointConfigName: "next" });
    await expect(sagemaker.updateEndpoint({ EndpointName: "Churn", EndpointConfigName: "telco" })).rejects.toThrow(
      `Cannot update in-progress endpoint "${arn("endpoint", "churn")}".`,
    );
    expect(await settled("Churn")).toMatchObject({ EndpointStatus: "InService", EndpointConfigName: "next" });
    seen.add((await invoke("Churn", one?.body ?? "")).variant);
    going = false;
    await caller;
    expect(seen).toContain("Second");
  });

  it("shares its traffic by the variants' weights, unless the caller names one", async () => {
    const { sagemaker, settled, invoke } = target;
    const ProductionVariants = [variant("telco", "A", 3), variant("telco", "B", 1)];
    await sagemaker.createEndpointConfig({ EndpointConfigName: "shared", ProductionVariants });
    await sagemaker.createEndpoint({ EndpointName: "shared", EndpointConfigName: "shared" });
    await settled("shared");
    const count = { A: 0, B: 0 };
    for (let i = 0; i < 20; i++) count[(await invoke("shared", one?.body ?? "")).variant as "A" | "B"]++;
    expect(count).toEqual({ A: 15, B: 5 });
    expect((await invoke("shared", one?.body ?? "", { TargetVariant: "B" })).variant).toBe("B");
    await expect(invoke("shared", "{}", { TargetVariant: "C" })).rejects.toMatchObject({ name: "ValidationError" });
    await expect(invoke("shared", "{}", { TargetModel: "m" })).rejects.toMatchObject({ name: "ValidationError" });
    await sagemaker.updateEndpointWeightsAndCapacities({
      EndpointName: "shared",
      DesiredWeightsAndCapacities: [{ VariantName: "A", DesiredWeight: 0, DesiredInstanceCount: 3 }],
    });
    expect(await settled("shared")).toMatchObject({
      EndpointStatus: "InService",
      ProductionVariants: [
        { CurrentWeight: 0, CurrentInstanceCount: 3, DesiredInstanceCount: 3 },
        { CurrentWeight: 1 },
      ],
    });
    for (let i = 0; i < 4; i++) expect((await invoke("shared", one?.body ?? "")).variant).toBe("B");
  });

  it("leaves nothing when it is deleted", async () => {
    const { sagemaker, invoke } = target;
    await sagemaker.deleteEndpoint({ EndpointName: "shared" });
    await expect
      .poll(() => sagemaker.describeEndpoint({ EndpointName: "shared" }).catch((e: Error) => e.message))
      .toMatch(/^Could not find endpoint/);
    await expect(invoke("shared", "{}")).rejects.toThrow("not found.");
  });
});

describe("what cannot serve", () => {
  it("is refused before it is made: ml.m4.large, unknown models, images, roles, data", async () => {
    const { sagemaker, role } = target;
    const InstanceType = "ml.m4.large" as never;
    await expect(
      sagemaker.createEndpointConfig({
        EndpointConfigName: "m4",
        ProductionVariants: [{ ...variant("telco"), InstanceType }],
      }),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(
        /^1 validation error detected: Value 'ml\.m4\.large' at 'productionVariants\.1\.member\.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[/,
      ),
    });
    await expect(
      sagemaker.createEndpointConfig({ EndpointConfigName: "m", ProductionVariants: [variant("missing")] }),
    ).rejects.toThrow(`Could not find model "${arn("model", "missing")}".`);
    const create = (rest: object, ExecutionRoleArn = role) =>
      sagemaker.createModel({
        ModelName: "bad",
        ExecutionRoleArn,
        PrimaryContainer: { Image: IMAGE, Environment: SCRIPT, ...rest },
      });
    await expect(create({ Image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1" })).rejects.toThrow(
      /^Requested image .* not found\./,
    );
    await expect(create({ ModelDataUrl: `s3://${BUCKET}/none.tar.gz` })).rejects.toThrow(
      `Could not find model data at s3://${BUCKET}/none.tar.gz.`,
    );
    await expect(
      create({ ModelDataUrl: `s3://${BUCKET}/telco/model.tar.gz` }, "arn:aws:iam::000000000000:role/nobody"),
    ).rejects.toThrow(
      /^Could not access model data at s3:.*trust relationship policy allows the action "sts:AssumeRole"/,
    );
    await expect(
      sagemaker.createModel({ ModelName: "telco", ExecutionRoleArn: role, PrimaryContainer: { Image: IMAGE } }),
    ).rejects.toThrow(`Cannot create already existing model "${arn("model", "telco")}".`);
  });

  it("fails with the reason when the data went away or is no archive", async () => {
    const { sagemaker, s3, settled, model } = target;
    await model("gone", telcoArchive());
    await s3.deleteObject({ Bucket: BUCKET, Key: "gone/model.tar.gz" });
    await sagemaker.createEndpoint({ EndpointName: "gone", EndpointConfigName: "gone" });
    expect(await settled("gone")).toMatchObject({
      EndpointStatus: "Failed",
      FailureReason: expect.stringContaining(
        `Failed to download model data for container "container_1" from URL: "s3://${BUCKET}/gone/model.tar.gz".`,
      ),
    });
    await expect(sagemaker.updateEndpoint({ EndpointName: "gone", EndpointConfigName: "telco" })).rejects.toThrow(
      /failed/i,
    );
    await model("text", Buffer.from("not an archive"));
    await sagemaker.createEndpoint({ EndpointName: "text", EndpointConfigName: "text" });
    expect(await settled("text")).toMatchObject({
      EndpointStatus: "Failed",
      FailureReason: expect.stringContaining("gzip"),
    });
  });

  it("leaves an endpoint that serves as it was", async () => {
    const { sagemaker, settled, invoke } = target;
    await sagemaker.createEndpoint({ EndpointName: "steady", EndpointConfigName: "telco" });
    await settled("steady");
    await sagemaker.updateEndpoint({ EndpointName: "steady", EndpointConfigName: "text" });
    expect(await settled("steady")).toMatchObject({
      EndpointStatus: "InService",
      EndpointConfigName: "telco",
      FailureReason: expect.stringContaining("gzip"),
    });
    await invoke("steady", one?.body ?? "");
  });
});

it("is loaded again after a restart, without the model's object; early requests wait", async () => {
  const home = await mkdtemp(join(tmpdir(), "cauce-hosting-"));
  try {
    const first = await openTarget({ home });
    await prepare(first.iam, first.s3);
    await first.model("telco", telcoArchive());
    await first.sagemaker.createEndpoint({ EndpointName: "kept", EndpointConfigName: "telco" });
    await first.settled("kept");
    await first.s3.deleteObject({ Bucket: BUCKET, Key: "telco/model.tar.gz" });
    await first.cauce[Symbol.asyncDispose]();

    const second = await openTarget({ home });
    expect(JSON.parse((await second.invoke("kept", many?.body ?? "")).body)).toEqual(many?.answer);
    expect(await second.settled("kept")).toMatchObject({ EndpointStatus: "InService" });
    await second.cauce[Symbol.asyncDispose]();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

it("goes on with what was under way when the server ended", async () => {
  const home = await mkdtemp(join(tmpdir(), "cauce-hosting-"));
  try {
    const first = await openTarget({ home });
    await prepare(first.iam, first.s3);
    await first.model("telco", telcoArchive());
    await first.sagemaker.createEndpoint({ EndpointName: "changing", EndpointConfigName: "telco" });
    await first.settled("changing");
    await first.sagemaker.createEndpointConfig({
      EndpointConfigName: "next",
      ProductionVariants: [variant("telco", "Second")],
    });
    await first.sagemaker.updateEndpoint({ EndpointName: "changing", EndpointConfigName: "next" });
    await first.sagemaker.createEndpoint({ EndpointName: "young", EndpointConfigName: "telco" });
    await first.cauce[Symbol.asyncDispose]();

    const second = await openTarget({ home });
    expect(await second.settled("young")).toMatchObject({ EndpointStatus: "InService" });
    expect(await second.settled("changing")).toMatchObject({
      EndpointStatus: "InService",
      EndpointConfigName: "next",
    });
    expect((await second.invoke("changing", one?.body ?? "")).variant).toBe("Second");
    expect(second.cauce.reports).toEqual([]);
    await second.cauce[Symbol.asyncDispose]();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
