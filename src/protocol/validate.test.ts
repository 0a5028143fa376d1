import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ServiceModel } from "./model.ts";
import { validate } from "./validate.ts";

function load(name: string): ServiceModel {
  return JSON.parse(readFileSync(new URL(`../../models/${name}.json`, import.meta.url), "utf8")) as ServiceModel;
}

const sagemaker = load("sagemaker");
const create = (input: Record<string, unknown>) => () =>
  validate({ model: sagemaker, operation: "CreateModel", quirks: {} }, input);

test("what is missing, with the code of JSON services", () => {
  const missing =
    "1 validation error detected: Value null at 'modelName' failed to satisfy constraint: Member must not be null";
  expect(create({})).toThrow(expect.objectContaining({ code: "ValidationException", status: 400, message: missing }));
  expect(create({ ModelName: "m" })).not.toThrow();
});

test("length and pattern, several at once", () => {
  const long = "x".repeat(64);
  const command = () =>
    validate(
      { model: sagemaker, operation: "CreateEndpointConfig", quirks: {} },
      { EndpointConfigName: long, ProductionVariants: [{ VariantName: "-", InitialInstanceCount: 0 }] },
    );
  expect(command).toThrow(
    [
      `3 validation errors detected: Value '${long}' at 'endpointConfigName' failed to satisfy constraint: Member must have length less than or equal to 63`,
      "Value '-' at 'productionVariants.1.member.variantName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
      "Value '0' at 'productionVariants.1.member.initialInstanceCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ].join("; "),
  );
});

test("of a list or map of texts, all constraints are told", () => {
  const tags = { model: load("lambda"), operation: "TagResource", quirks: {} };
  expect(() =>
    validate(
      { model: sagemaker, operation: "DeleteTags", quirks: {} },
      { ResourceArn: "arn:x", TagKeys: ["a".repeat(129)] },
    ),
  ).toThrow(
    /at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: \[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: .*, Member must not be null\]$/,
  );
  expect(() => validate(tags, { Resource: "x", Tags: { a: "b" } })).toThrow(
    /at 'resource' failed to satisfy constraint: Member must satisfy regular/,
  );
});

test("Query services have another code; a service may say its own, or none", () => {
  const at = { model: load("iam"), operation: "GetRole", quirks: {} };
  expect(() => validate(at, {})).toThrow(expect.objectContaining({ code: "ValidationError" }));
  expect(() => validate({ ...at, quirks: { validation: { code: "InvalidInput" } } }, {})).toThrow(
    expect.objectContaining({ code: "InvalidInput" }),
  );
  expect(() => validate({ ...at, quirks: { validation: { style: "none" } } }, {})).not.toThrow();
  expect(() => validate({ ...at, quirks: { validation: { skip: ["roleName"] } } }, {})).not.toThrow();
});

test("what is secret is not repeated", () => {
  const policy = { model: load("iam"), operation: "CreateUser", quirks: {} };
  const secret = {
    metadata: policy.model.metadata,
    operations: { O: { name: "O", http: { method: "", requestUri: "" }, input: { shape: "I" } } },
  };
  const shapes = {
    I: { type: "structure", members: { Word: { shape: "S" } } },
    S: { type: "string", max: 2, sensitive: true },
  };
  const run = () => validate({ model: { ...secret, shapes }, operation: "O", quirks: {} }, { Word: "hush" });
  expect(run).toThrow(/: Value at 'word' failed/);
});
