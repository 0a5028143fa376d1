import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { Lambda } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { takeRole } from "#test/take-role";
import { eventually, type LambdaCase, makeRole, startLambdaCase, toZip } from "./lambda-case.ts";

let on: LambdaCase;
beforeAll(async () => {
  on = await startLambdaCase();
});
afterAll(async () => {
  expect(on.cauce.reports).toEqual([]);
  await on[Symbol.asyncDispose]();
});

const ZIP = { ZipFile: toZip({ "index.js": "exports.handler = async () => 1;" }) };
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:";

it("creates, reads, lists, changes and deletes a function", async () => {
  await on.make(
    "crud",
    { "index.js": "exports.handler = async () => process.env.XX ?? 1;" },
    { Description: "d", Tags: { a: "b" } },
  );
  const got = await on.lambda.getFunction({ FunctionName: `${ARN}crud` });
  expect(got.Configuration).toMatchObject({
    FunctionName: "crud",
    FunctionArn: `${ARN}crud`,
    Runtime: "nodejs20.x",
    Timeout: 3,
    MemorySize: 128,
    State: "Active",
    LastUpdateStatus: "Successful",
    Version: "$LATEST",
    PackageType: "Zip",
  });
  expect(got.Tags).toEqual({ a: "b" });
  const zip = await fetch(got.Code?.Location ?? "");
  expect([zip.status, (await zip.arrayBuffer()).byteLength]).toEqual([200, got.Configuration?.CodeSize]);
  expect((await fetch((got.Code?.Location ?? "").replace(/signature=./, "signature=!"))).status).toBe(403);

  expect((await on.invoke("crud")).value).toBe(1);
  const changed = await on.lambda.updateFunctionConfiguration({
    FunctionName: "crud",
    Timeout: 10,
    Environment: { Variables: { XX: "new" } },
  });
  expect(changed).toMatchObject({ Timeout: 10, Description: "d", Environment: { Variables: { XX: "new" } } });
  expect(changed.RevisionId).not.toBe(got.Configuration?.RevisionId);
  expect((await on.invoke("crud")).value).toBe("new");
  const code = await on.lambda.updateFunctionCode({
    FunctionName: "crud",
    ZipFile: toZip({ "index.js": "exports.handler = async () => 2;" }),
  });
  expect(code.CodeSha256).not.toBe(got.Configuration?.CodeSha256);
  expect((await on.invoke("crud")).value).toBe(2);
  await expect(
    on.lambda.updateFunctionConfiguration({ FunctionName: "crud", RevisionId: "old" }),
  ).rejects.toMatchObject({ name: "PreconditionFailedException" });

  expect((await on.lambda.listFunctions({})).Functions?.map((each) => each.FunctionName)).toContain("crud");
  await on.lambda.deleteFunction({ FunctionName: "crud" });
  await expect(on.lambda.getFunction({ FunctionName: "crud" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: `Function not found: ${ARN}crud`,
  });
});

it("keeps one copy of the same code, and removes it when nobody uses it any more", async () => {
  const files = { "index.js": "exports.handler = async () => 'shared';" };
  const folders = () =>
    existsSync(join(on.cauce.home, "lambda/code")) ? readdirSync(join(on.cauce.home, "lambda/code")) : [];
  const before = new Set(folders());
  await on.make("one", files);
  await on.make("two", files);
  const added = folders().filter((name) => !before.has(name));
  expect(added).toHaveLength(1);
  await on.lambda.deleteFunction({ FunctionName: "one" });
  expect((await on.invoke("two")).value).toBe("shared");
  await on.lambda.deleteFunction({ FunctionName: "two" });
  await eventually(async () => (folders().includes(added[0] ?? "") ? undefined : true));
});

it.each([
  [
    "a retired runtime",
    { Runtime: "python3.6" },
    "The runtime parameter of python3.6 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.",
  ],
  [
    "a runtime that cannot run here",
    { Runtime: "java21" },
    "Cauce does not run java21. Use nodejs20.x to nodejs24.x, or python3.11 to python3.14.",
  ],
  ["no handler", { Handler: undefined }, "Handler is mandatory if the function's package type is Zip."],
  [
    "a long timeout",
    { Timeout: 901 },
    "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
  ],
  [
    "much memory",
    { MemorySize: 10_241 },
    "1 validation error detected: Value '10241' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240",
  ],
  [
    "a reserved variable",
    { Environment: { Variables: { AWS_REGION: "x" } } },
    "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION",
  ],
  [
    "a file that is no zip",
    { Code: { ZipFile: Buffer.from("no zip") } },
    /^Could not unzip uploaded file\. Please check your file, then try to upload again\./,
  ],
  ["an empty zip", { Code: { ZipFile: zipSync({}) } }, "Uploaded file must be a non-empty zip"],
  [
    "a path that leaves the package",
    { Code: { ZipFile: zipSync({ "../out.js": Buffer.from("x") }) } },
    /^Could not unzip uploaded file\./,
  ],
  [
    "a link in the package",
    { Code: { ZipFile: zipSync({ link: [Buffer.from("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] }) } },
    /holds a link, link/,
  ],
  [
    "what is not built",
    { Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:x:1"] },
    "Layers is not implemented by Cauce. Leave it out.",
  ],
  ["code from nowhere", { Code: {} }, "Please provide a source for function code."],
])("refuses %s", async (_what, more, message) => {
  const input = {
    FunctionName: "refused",
    Role: on.role,
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Code: ZIP,
    ...more,
  };
  await expect(on.lambda.createFunction(input as never)).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: typeof message === "string" ? message : expect.stringMatching(message),
    Type: "User",
    $metadata: { httpStatusCode: 400 },
  });
});

it("refuses a runtime that AWS does not know by its model", async () => {
  const input = { FunctionName: "refused", Role: on.role, Runtime: "cobol1.x", Handler: "index.handler", Code: ZIP };
  await expect(on.lambda.createFunction(input as never)).rejects.toMatchObject({
    message: expect.stringContaining("cobol1.x"),
  });
});

it("wants a role that Lambda may assume, and that the caller may pass", async () => {
  const stranger = await makeRole(on.iam, "not-for-lambda", "sagemaker.amazonaws.com", []);
  const input = { FunctionName: "roles", Runtime: "nodejs20.x", Handler: "index.handler", Code: ZIP } as const;
  const sentence = "The role defined for the function cannot be assumed by Lambda.";
  await expect(on.lambda.createFunction({ ...input, Role: stranger })).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: sentence,
  });
  await expect(
    on.lambda.createFunction({ ...input, Role: "arn:aws:iam::000000000000:role/absent" }),
  ).rejects.toMatchObject({ message: sentence });

  const deployer = await makeRole(on.iam, "deployer", { AWS: "arn:aws:iam::000000000000:root" }, [
    { Effect: "Allow", Action: "lambda:*", Resource: "*" },
  ]);
  const credentials = await takeRole(on.cauce.client, deployer, "me");
  const limited = new Lambda({ ...on.cauce.client, credentials });
  await expect(limited.createFunction({ ...input, Role: on.role })).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: `User: arn:aws:sts::000000000000:assumed-role/deployer/me is not authorized to perform: iam:PassRole on resource: ${on.role} because no identity-based policy allows the iam:PassRole action`,
  });
});

it("takes code from S3, and gives S3's own complaint", async () => {
  const s3 = new S3({ ...on.cauce.client, forcePathStyle: true });
  await s3.createBucket({ Bucket: "code" });
  await s3.putObject({ Bucket: "code", Key: "f.zip", Body: ZIP.ZipFile });
  await on.make("from-s3", {}, { Code: { S3Bucket: "code", S3Key: "f.zip" } });
  expect((await on.invoke("from-s3")).value).toBe(1);
  await expect(on.make("absent", {}, { Code: { S3Bucket: "code", S3Key: "none.zip" } })).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message:
      "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
  });
});

it("keeps a resource policy", async () => {
  await on.make("policy", { "index.js": "exports.handler = async () => 1;" });
  await expect(on.lambda.getPolicy({ FunctionName: "policy" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  const source = "arn:aws:execute-api:us-east-1:000000000000:abc/*/POST/predict";
  const added = await on.lambda.addPermission({
    FunctionName: "policy",
    StatementId: "api",
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
    SourceArn: source,
  });
  const statement = {
    Sid: "api",
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: `${ARN}policy`,
    Condition: { ArnLike: { "AWS:SourceArn": source } },
  };
  expect(JSON.parse(added.Statement ?? "")).toEqual(statement);
  const { Policy: policy = "" } = await on.lambda.getPolicy({ FunctionName: "policy" });
  expect(JSON.parse(policy)).toEqual({ Version: "2012-10-17", Id: "default", Statement: [statement] });
  const again = {
    FunctionName: "policy",
    StatementId: "api",
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
  };
  await expect(on.lambda.addPermission(again)).rejects.toMatchObject({
    name: "ResourceConflictException",
    $metadata: { httpStatusCode: 409 },
  });
  await on.lambda.removePermission({ FunctionName: "policy", StatementId: "api" });
  await expect(on.lambda.removePermission({ FunctionName: "policy", StatementId: "api" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

it("tags, and says of what it does not do that it does not", async () => {
  await on.make("tagged", { "index.js": "exports.handler = async () => 1;" });
  await on.lambda.tagResource({ Resource: `${ARN}tagged`, Tags: { a: "1", b: "2" } });
  await on.lambda.untagResource({ Resource: `${ARN}tagged`, TagKeys: ["a"] });
  expect((await on.lambda.listTags({ Resource: `${ARN}tagged` })).Tags).toEqual({ b: "2" });
  await expect(on.lambda.publishVersion({ FunctionName: "tagged" })).rejects.toMatchObject({ name: "NotImplemented" });
  await expect(on.lambda.invoke({ FunctionName: "tagged:prod" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: `Function not found: ${ARN}tagged:prod`,
  });
});
