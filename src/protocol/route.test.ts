import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ServiceModel } from "./model.ts";
import { createRouter, type RoutedService } from "./route.ts";
import type { WireRequest } from "./wire.ts";

const MODELS = new URL("../../models/", import.meta.url);
const services = new Map<string, RoutedService>();
for (const file of readdirSync(MODELS)
  .filter((one) => one.endsWith(".json"))
  .toSorted()) {
  const model = JSON.parse(readFileSync(new URL(file, MODELS), "utf8")) as Partial<ServiceModel>;
  const name = file.replace(".json", "");
  if (!model.shapes) continue;
  const quirks = name === "s3" ? { fallback: true, hostLabel: { label: "Bucket", prefix: "s3" } } : {};
  services.set(name, { model: model as ServiceModel, quirks });
}
const route = createRouter(services);

function ask(
  method: string,
  uri: string,
  options: { signer?: string; headers?: Record<string, string>; host?: string } = {},
) {
  const [path = "", query = ""] = uri.split("?");
  const { signer, host = "127.0.0.1:4566" } = options;
  const authorization = `AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-west-1/${signer}/aws4_request, SignedHeaders=host, Signature=x`;
  const headers = { ...options.headers, ...(signer && { authorization }) };
  const request: WireRequest = { method, path, query, headers, host };
  const { service, operation, labels, protocol } = route(request, {});
  return { called: `${service} ${operation}`, labels, protocol: protocol.name };
}

// Every operation that a model knows is found by the address that its model gives it.
const rest = [...services].filter(([, { model }]) => model.metadata.protocol.startsWith("rest-"));
const addresses = rest.flatMap(([name, { model }]) =>
  Object.values(model.operations).map(
    (operation) => [`${name} ${operation.name}`, name, model, operation.name] as const,
  ),
);

test.each(addresses)("%s", (called, _name, model, operation) => {
  // AWS: two generations of one address; the younger answers.
  const successor: Record<string, string> = {
    "s3 GetBucketLifecycle": "s3 GetBucketLifecycleConfiguration",
    "s3 GetBucketNotification": "s3 GetBucketNotificationConfiguration",
    "s3 PutBucketLifecycle": "s3 PutBucketLifecycleConfiguration",
    "s3 PutBucketNotification": "s3 PutBucketNotificationConfiguration",
    "s3 ListDirectoryBuckets": "s3 ListBuckets",
  };
  const { method, uri, headers } = addressOf(model, operation);
  const signer = model.metadata.signingName ?? model.metadata.endpointPrefix ?? "";
  expect(ask(method, uri, { signer, headers }).called).toBe(successor[called] ?? called);
});

function addressOf(model: ServiceModel, name: string) {
  const operation = model.operations[name];
  const input = model.shapes[operation?.input?.shape ?? ""];
  const required =
    operation?.requires ??
    (input?.required ?? []).map((member) => {
      const ref = input?.members?.[member];
      return `${ref?.location}:${ref?.locationName ?? member}`;
    });
  const named = (kind: string) =>
    required.filter((one) => one.startsWith(`${kind}:`)).map((one) => one.slice(kind.length + 1));
  const query = named("querystring")
    .map((parameter) => `${parameter}=x`)
    .join("&");
  const bare = (operation?.http.requestUri ?? "").replaceAll(/\{[^}]+\}/g, "x");
  return {
    method: operation?.http.method ?? "",
    uri: query === "" ? bare : `${bare}${bare.includes("?") ? "&" : "?"}${query}`,
    headers: Object.fromEntries(named("header").map((header) => [header.toLowerCase(), "x"])),
  };
}

test("two services that sign with one name are told apart", () => {
  const target = { "x-amz-target": "SageMaker.CreateModel", "content-type": "application/x-amz-json-1.1" };
  expect(ask("POST", "/", { signer: "sagemaker", headers: target })).toMatchObject({
    called: "sagemaker CreateModel",
    protocol: "aws-json-1.1",
  });
  expect(ask("POST", "/endpoints/e/invocations", { signer: "sagemaker" })).toMatchObject({
    called: "sagemaker-runtime InvokeEndpoint",
    labels: { EndpointName: "e" },
  });
});

test("labels are decoded, slashes in them kept apart", () => {
  expect(ask("GET", "/b/a%2Fb/c%20d/", {}).labels).toEqual({ Bucket: "b", Key: "a/b/c d/" });
  const arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af";
  expect(ask("GET", `/2015-03-31/functions/${arn}`, { signer: "lambda" }).labels).toEqual({
    FunctionName: "arn:aws:lambda:eu-west-1:1:function:f",
  });
  expect(() => ask("GET", "/b/%ff")).toThrow(expect.objectContaining({ code: "InvalidURI" }));
});

test.each([
  ["GET", "/", "ListBuckets"],
  ["GET", "/b", "ListObjects"],
  ["GET", "/b/?list-type=2&prefix=x", "ListObjectsV2"],
  ["GET", "/b/k?uploadId=u", "ListParts"],
  ["GET", "/b/k?versionId=v", "GetObject"],
  ["PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"],
  ["POST", "/b/k?uploads", "CreateMultipartUpload"],
  ["POST", "/b/k?uploadId=u", "CompleteMultipartUpload"],
  ["DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"],
  ["POST", "/b?delete", "DeleteObjects"],
  ["HEAD", "/b/k", "HeadObject"],
])("unsigned %s %s is S3's %s", (method, uri, operation) => {
  expect(ask(method, uri).called).toBe(`s3 ${operation}`);
});

test("a copy is a put with its source", () => {
  expect(ask("PUT", "/b/k").called).toBe("s3 PutObject");
  expect(ask("PUT", "/b/k", { headers: { "x-amz-copy-source": "b/k" } }).called).toBe("s3 CopyObject");
  // Signers of links move headers into the query.
  expect(ask("PUT", "/b/k?X-Amz-Signature=x&x-amz-copy-source=b%2Fk").called).toBe("s3 CopyObject");
});

test("what nobody does", () => {
  expect(() => ask("GET", "/nothing/here", { signer: "lambda" })).toThrow(
    expect.objectContaining({ code: "UnknownOperationException", status: 404 }),
  );
  expect(() => ask("GET", "/", { signer: "dynamodb" })).toThrow('No service here signs its requests as "dynamodb".');
  expect(() => ask("POST", "/b")).toThrow(expect.objectContaining({ code: "MethodNotAllowed", status: 405 }));
  for (const operation of ["constructor", "__proto__", "toString"]) {
    expect(() => ask("POST", "/", { headers: { "x-amz-target": `SageMaker.${operation}` } })).toThrow(
      expect.objectContaining({ code: "UnknownOperationException" }),
    );
  }
});
