import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { IAMClient, CreateRoleCommand, GetRoleCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { CreateEndpointConfigCommand, ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type At,
  AwsFault,
  createRouter,
  decodePayload,
  guessProtocol,
  isStreamingInput,
  type Protocol,
  type Quirks,
  type ServiceModel,
  trailersOf,
  validate,
  verifySignature,
  type WireRequest,
} from "#protocol";

// The official JavaScript clients against the protocol layer alone: each operation's answer is given below.
const SECRET = { secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", sessionToken: "a token+/=" };
const S3_QUIRKS: Quirks = {
  fallback: true,
  hostLabel: { label: "Bucket", prefix: "s3" },
  singleEncodedPath: true,
  requestIdHeader: "x-amz-request-id",
  validation: { style: "none" },
};
const services = new Map(
  ["s3", "sts", "iam", "lambda", "sagemaker", "sagemaker-runtime"].map((name) => [
    name,
    { model: load(name), quirks: name === "s3" ? S3_QUIRKS : {} },
  ]),
);
const route = createRouter(services);

interface Seen {
  operation: string;
  input: Record<string, unknown>;
  body: string;
  trailers: Readonly<Record<string, string>>;
}

let server: Server;
let endpoint = "";
let seen: Seen[] = [];
let answers: Record<string, Record<string, unknown> | AwsFault> = {};
let skew = 0;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    void answer(incoming).then(({ status, headers, body }) => outgoing.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen = [];
  answers = {};
  skew = 0;
});

function load(name: string): ServiceModel {
  return JSON.parse(readFileSync(new URL(`../../models/${name}.json`, import.meta.url), "utf8")) as ServiceModel;
}

async function answer(
  incoming: IncomingMessage,
): Promise<{ status: number; headers: Record<string, string>; body: string | Buffer }> {
  const [path = "", query = ""] = (incoming.url ?? "").split("?");
  const headers = incoming.headers as Record<string, string>;
  const request: WireRequest = { method: incoming.method ?? "", path, query, headers, host: headers["host"] ?? "" };
  let protocol: Protocol = guessProtocol(request);
  let at: At | undefined;
  try {
    const form = headers["content-type"]?.includes("form-urlencoded") ? await buffer(incoming) : undefined;
    const action = form && new URLSearchParams(form.toString()).get("Action");
    const found = route(request, action ? { formAction: action } : {});
    const service = services.get(found.service);
    if (!service) throw new Error(`no service ${found.service}`);
    protocol = found.protocol;
    at = { ...service, operation: found.operation };
    const streams = isStreamingInput(service.model, found.operation);
    const whole = streams ? undefined : (form ?? (await buffer(incoming)));
    const find = (id: string) => (id === "AKID" ? SECRET : undefined);
    const verified = verifySignature(request, whole, { at, find, now: new Date(Date.now() + skew) });
    const body = whole ?? decodePayload(incoming, verified, request);
    const input = protocol.parse(at, { request, labels: found.labels, body });
    validate(at, input);
    const content = body instanceof Readable ? await text(body) : body.toString("utf8");
    seen.push({
      operation: `${found.service} ${found.operation}`,
      input,
      body: content,
      trailers: body instanceof Readable ? trailersOf(body) : {},
    });
    const output = answers[found.operation] ?? {};
    if (output instanceof AwsFault) throw output;
    const response = protocol.serialize(at, output, "request-1");
    return {
      ...response,
      body: response.body instanceof Readable ? await buffer(response.body) : Buffer.from(response.body ?? ""),
    };
  } catch (error) {
    if (!(error instanceof AwsFault)) return { status: 500, headers: {}, body: String(error) };
    const refusal = protocol.serializeFault(at, error, "request-1");
    return { ...refusal, body: String(refusal.body ?? "") };
  }
}

function config(secret = SECRET) {
  return {
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKID", ...secret },
    maxAttempts: 1,
    forcePathStyle: true,
  };
}

test("query: a role is created, and read back as a Date and a list", async () => {
  const role = {
    RoleName: "r",
    RoleId: "AROA",
    Arn: "arn:aws:iam::1:role/r",
    Path: "/",
    CreateDate: new Date("2026-01-02T03:04:05Z"),
  };
  answers = { GetRole: { Role: { ...role, Tags: [{ Key: "a", Value: "<&>" }] } } };
  const iam = new IAMClient(config());
  await iam.send(
    new CreateRoleCommand({
      RoleName: "r",
      AssumeRolePolicyDocument: '{"a": "b+c&d"}',
      Tags: [{ Key: "k", Value: "ü" }],
    }),
  );
  expect(seen[0]).toMatchObject({
    operation: "iam CreateRole",
    input: { RoleName: "r", AssumeRolePolicyDocument: '{"a": "b+c&d"}', Tags: [{ Key: "k", Value: "ü" }] },
  });
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "r" }));
  expect(Role).toMatchObject({ ...role, Tags: [{ Key: "a", Value: "<&>" }] });
});

test("query: a fault arrives as the client's own exception", async () => {
  answers = { GetRole: new AwsFault("NoSuchEntity", "The role with name r cannot be found.") };
  await expect(new IAMClient(config()).send(new GetRoleCommand({ RoleName: "r" }))).rejects.toMatchObject({
    name: "NoSuchEntityException",
    message: "The role with name r cannot be found.",
    $metadata: { httpStatusCode: 404, requestId: "request-1" },
  });
});

test("json: AWS's sentence about an instance type that does not exist", async () => {
  const variants = [{ VariantName: "v", ModelName: "m", InstanceType: "ml.m4.large" as "ml.m4.xlarge" }];
  const command = new CreateEndpointConfigCommand({ EndpointConfigName: "c", ProductionVariants: variants });
  await expect(new SageMakerClient(config()).send(command)).rejects.toMatchObject({
    name: "ValidationException",
    message: expect.stringMatching(
      /^1 validation error detected: Value 'ml\.m4\.large' at 'productionVariants\.1\.member\.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[ml\./,
    ),
  });
});

test("json: timestamps there and back", async () => {
  const created = new Date("2026-01-02T03:04:05.678Z");
  answers = {
    ListModels: {
      Models: [{ ModelName: "m", ModelArn: "arn:aws:sagemaker:eu-west-1:1:model/m", CreationTime: created }],
    },
  };
  const { Models } = await new SageMakerClient(config()).send(new ListModelsCommand({ CreationTimeAfter: created }));
  expect(seen[0]?.input).toEqual({ CreationTimeAfter: created });
  expect(Models?.[0]?.CreationTime).toEqual(created);
});

test("rest-json: payloads pass as they are, members as headers", async () => {
  answers = {
    Invoke: { StatusCode: 202, Payload: Buffer.from('{"a":1}'), ExecutedVersion: "$LATEST" },
    InvokeEndpoint: { Body: "1,2", ContentType: "text/csv" },
  };
  const invoked = await new LambdaClient(config()).send(
    new InvokeCommand({ FunctionName: "f", InvocationType: "Event", Payload: "{}" }),
  );
  expect(invoked).toMatchObject({ StatusCode: 202, ExecutedVersion: "$LATEST" });
  expect(Buffer.from(invoked.Payload ?? []).toString()).toBe('{"a":1}');
  const scored = await new SageMakerRuntimeClient(config()).send(
    new InvokeEndpointCommand({ EndpointName: "e", Body: "x", Accept: "text/csv" }),
  );
  expect(Buffer.from(scored.Body ?? []).toString()).toBe("1,2");
  expect(seen.map(({ operation }) => operation)).toEqual(["lambda Invoke", "sagemaker-runtime InvokeEndpoint"]);
  expect(seen[1]?.input).toMatchObject({ EndpointName: "e", Accept: "text/csv" });
});

const ODD_KEY = "a b/ü+(1)'*!/../~//end/";

test("rest-xml: odd keys are signed, sent and listed", async () => {
  answers = { ListObjectsV2: { Name: "b", Contents: [{ Key: ODD_KEY, Size: 5, LastModified: new Date(0) }] } };
  const s3 = new S3Client(config());
  await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: ODD_KEY, Body: "hello", Metadata: { a: "b" } }));
  expect(seen[0]).toMatchObject({
    operation: "s3 PutObject",
    input: { Bucket: "bucket", Key: ODD_KEY, Metadata: { a: "b" } },
    body: "hello",
  });
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "bucket", Prefix: "a b/ü+" }));
  expect(Contents?.[0]?.Key).toBe(ODD_KEY);
  expect(seen[1]?.input).toMatchObject({ Prefix: "a b/ü+" });
});

test("rest-xml: operations with one address are told apart, buckets by the host too", async () => {
  answers = { UploadPartCopy: { CopyPartResult: { ETag: '"e"' } } };
  const s3 = new S3Client(config());
  await s3.send(
    new UploadPartCopyCommand({ Bucket: "bucket", Key: "k", CopySource: "b/k", PartNumber: 1, UploadId: "u" }),
  );
  expect(seen[0]).toMatchObject({ operation: "s3 UploadPartCopy", input: { PartNumber: 1, UploadId: "u" } });
  const found = (host: string, path: string) => route({ method: "GET", path, query: "", headers: {}, host }, {});
  for (const host of ["my.bucket.s3.localhost:4566", "my.bucket.s3.eu-west-1.localhost"]) {
    expect(found(host, "/k/x")).toMatchObject({ operation: "GetObject", labels: { Bucket: "my.bucket", Key: "k/x" } });
  }
  expect(found("bucket.localhost", "/")).toMatchObject({ operation: "ListObjects", labels: { Bucket: "bucket" } });
  expect(found("s3.localhost", "/")).toMatchObject({ operation: "ListBuckets" });
});

test("a stream comes in chunks with a checksum behind it", async () => {
  const body = "0123456789".repeat(30_000);
  const s3 = new S3Client(config());
  await s3.send(
    new PutObjectCommand({
      Bucket: "bucket",
      Key: "k",
      Body: Readable.from([body.slice(0, 70_000), body.slice(70_000)]),
      ContentLength: body.length,
    }),
  );
  expect(seen[0]?.body).toBe(body);
  expect(seen[0]?.trailers).toHaveProperty("x-amz-checksum-crc32");
});

test("presigned URLs are taken, until they are changed or end", async () => {
  // A URL cannot hold a step of two dots: whoever reads it takes them out.
  const Key = ODD_KEY.replace("/../", "/");
  const s3 = new S3Client(config());
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: "bucket", Key }), { expiresIn: 60 });
  expect((await fetch(put, { method: "PUT", body: "hello" })).status).toBe(200);
  expect(seen[0]).toMatchObject({ operation: "s3 PutObject", body: "hello" });
  answers = { GetObject: { Body: Readable.from(["hel", "lo"]), ContentType: "text/plain" } };
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "bucket", Key }), { expiresIn: 60 });
  expect((await fetch(get)).status).toBe(200);
  expect((await fetch(get, { method: "DELETE" })).status).toBe(403);
  expect(await (await fetch(get.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))).text()).toContain(
    "<Code>SignatureDoesNotMatch</Code>",
  );
  skew = 61_000;
  expect(await (await fetch(get)).text()).toContain("<Message>Request has expired</Message>");
});

test.each([
  ["an unknown secret", { ...SECRET, secretAccessKey: "other" }, "SignatureDoesNotMatch"],
  ["another session token", { ...SECRET, sessionToken: "other" }, "InvalidClientTokenId"],
])("%s is refused", async (_name, secret, code) => {
  await expect(new STSClient(config(secret)).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: code,
  });
  expect(seen).toEqual([]);
});

test.each([-16, 16])("a clock that is %d minutes off is refused", async (minutes) => {
  skew = minutes * 60_000;
  await expect(new S3Client(config()).send(new ListObjectsV2Command({ Bucket: "bucket" }))).rejects.toMatchObject({
    name: "RequestTimeTooSkewed",
  });
  await expect(new SageMakerClient(config()).send(new ListModelsCommand({}))).rejects.toMatchObject({
    name: "InvalidSignatureException",
    message: expect.stringMatching(minutes > 0 ? /^Signature expired: / : /^Signature not yet current: /),
  });
});

test("what nobody does is named", async () => {
  const json = await fetch(endpoint, { method: "POST", headers: { "x-amz-target": "SageMaker.MakeCoffee" } });
  expect([json.status, await json.json()]).toEqual([
    400,
    { __type: "UnknownOperationException", message: "There is no operation SageMaker.MakeCoffee here." },
  ]);
  const query = await fetch(endpoint, {
    method: "POST",
    body: new URLSearchParams({ Action: "MakeCoffee", Version: "2010-05-08" }),
  });
  expect([query.status, await query.text()]).toEqual([400, expect.stringContaining("<Code>InvalidAction</Code>")]);
});
