import { IAM } from "@aws-sdk/client-iam";
import { Readable } from "node:stream";
import { GetObjectCommand, S3 } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";

const ROLE = "arn:aws:iam::000000000000:role/visitor";
let cauce: TestServer;
let root: S3;
let visitor: S3;
let Bucket: string;
let counter = 0;

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

beforeAll(async () => {
  cauce = await startCauce();
  root = new S3(cauce.client);
  const iam = new IAM(cauce.client);
  await iam.createRole({
    RoleName: "visitor",
    AssumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "sts:AssumeRole",
    }),
  });
  await iam.putRolePolicy({
    RoleName: "visitor",
    PolicyName: "own",
    PolicyDocument: document({ Effect: "Allow", Action: "s3:PutObject", Resource: "*" }),
  });
  const credentials = await takeRole(cauce.client, ROLE, "test");
  visitor = new S3({
    ...cauce.client,
    credentials,
  });
  iam.destroy();
});

afterAll(async () => {
  root.destroy();
  visitor.destroy();
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

beforeEach(async () => {
  Bucket = `policies-${++counter}`;
  await root.createBucket({ Bucket });
  await root.putObject({ Bucket, Key: "a", Body: "a" });
});

const all = () => [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
const put = (...statements: object[]) => root.putBucketPolicy({ Bucket, Policy: document(...statements) });

describe("a bucket's policy, with the official client", () => {
  it("is kept as it was put, and taken away", async () => {
    await expect(root.getBucketPolicy({ Bucket })).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
    const statement = { Effect: "Allow", Principal: { AWS: ROLE }, Action: "s3:GetObject", Resource: all()[1] };
    await put(statement);
    expect((await root.getBucketPolicy({ Bucket })).Policy).toBe(document(statement));
    expect((await root.getBucketPolicyStatus({ Bucket })).PolicyStatus).toEqual({ IsPublic: false });
    await root.deleteBucketPolicy({ Bucket });
    await expect(root.getBucketPolicyStatus({ Bucket })).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
  });

  it("allows a role what its own policies do not", async () => {
    await expect(visitor.getObject({ Bucket, Key: "a" })).rejects.toMatchObject({ name: "AccessDenied" });
    await put({ Effect: "Allow", Principal: { AWS: ROLE }, Action: "s3:GetObject", Resource: all()[1] });
    expect(await (await visitor.getObject({ Bucket, Key: "a" })).Body?.transformToString()).toBe("a");
    await expect(visitor.listObjectsV2({ Bucket })).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("denies a role what its own policies allow, in AWS's words, each key by itself", async () => {
    await visitor.putObject({ Bucket, Key: "b", Body: "b" });
    const objects = `arn:aws:s3:::${Bucket}/`;
    await put(
      { Effect: "Deny", Principal: "*", Action: ["s3:PutObject", "s3:DeleteObject"], Resource: `${objects}b` },
      { Effect: "Allow", Principal: { AWS: ROLE }, Action: "s3:DeleteObject", Resource: `${objects}*` },
    );
    await expect(visitor.putObject({ Bucket, Key: "b", Body: "b" })).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("with an explicit deny in a resource-based policy") as string,
    });
    const answer = await visitor.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "b" }] } });
    expect(answer.Deleted).toEqual([{ Key: "a" }]);
    expect(answer.Errors).toMatchObject([{ Key: "b", Code: "AccessDenied" }]);
  });

  it("knows what a write says of itself: its encryption, its tags, its class", async () => {
    const unless = (key: string, value: string) =>
      put({
        Effect: "Deny",
        Principal: "*",
        Action: "s3:PutObject",
        Resource: all()[1],
        Condition: { StringNotEquals: { [key]: value } },
      });
    const refused = { name: "AccessDenied" };
    await unless("s3:x-amz-server-side-encryption", "AES256");
    await expect(root.putObject({ Bucket, Key: "b", Body: "b" })).rejects.toMatchObject(refused);
    await root.putObject({ Bucket, Key: "b", Body: "b", ServerSideEncryption: "AES256" });
    await unless("s3:RequestObjectTag/team", "birds");
    await expect(root.putObject({ Bucket, Key: "b", Body: "b", Tagging: "team=fish" })).rejects.toMatchObject(refused);
    await root.putObject({ Bucket, Key: "b", Body: "b", Tagging: "team=birds" });
  });

  it("asks the policy of the bucket that is copied from", async () => {
    const source = Bucket;
    await put({ Effect: "Deny", Principal: "*", Action: "s3:GetObject", Resource: all()[1] });
    await root.createBucket({ Bucket: `${source}-copy` });
    await expect(
      root.copyObject({ Bucket: `${source}-copy`, Key: "a", CopySource: `${source}/a` }),
    ).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("denies the account itself too, but never its hand on the policy", async () => {
    await put({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: all() });
    await expect(root.getObject({ Bucket, Key: "a" })).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(root.listObjectsV2({ Bucket })).rejects.toMatchObject({ name: "AccessDenied" });
    await root.deleteBucketPolicy({ Bucket });
    await root.getObject({ Bucket, Key: "a" });
  });

  it("lets through what only wants a transport that nobody reads: this machine's own is one", async () => {
    const Condition = { Bool: { "aws:SecureTransport": "false" } };
    await put({ Sid: "TlsOnly", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: all(), Condition });
    await root.getObject({ Bucket, Key: "a" });
    await put({
      Effect: "Deny",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: all()[1],
      Condition: { Bool: { "aws:SecureTransport": "true" } },
    });
    await expect(root.getObject({ Bucket, Key: "a" })).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("refuses plain HTTP from elsewhere when it wants TLS", async () => {
    const ask = async (secure: boolean) => {
      const url = new URL(await getSignedUrl(root, new GetObjectCommand({ Bucket, Key: "a" })));
      const { host, pathname: path, search } = url;
      const wire = { method: "GET", path, query: search.slice(1), host, headers: { host }, secure };
      return (await cauce.kernel.handle(wire, Readable.from([]))).status;
    };
    expect(await ask(false)).toBe(200);
    const Condition = { Bool: { "aws:SecureTransport": "false" } };
    await put({ Sid: "TlsOnly", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: all(), Condition });
    expect(await ask(false)).toBe(403);
    expect(await ask(true)).toBe(200);
  });

  it("is refused where it is none, is public, or names who does not exist", async () => {
    await expect(root.putBucketPolicy({ Bucket, Policy: "?" })).rejects.toMatchObject({
      name: "MalformedPolicy",
      message: "Policies must be valid JSON and the first byte must be '{'",
    });
    const nobody = "arn:aws:iam::000000000000:role/nobody";
    await expect(
      put({ Effect: "Allow", Principal: { AWS: nobody }, Action: "s3:GetObject", Resource: all()[1] }),
    ).rejects.toMatchObject({ name: "MalformedPolicy", message: "Invalid principal in policy" });
    const everybody = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: all()[1] };
    await expect(put(everybody)).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("BlockPublicPolicy") as string,
    });
    await root.deletePublicAccessBlock({ Bucket });
    await put(everybody);
    expect((await root.getBucketPolicyStatus({ Bucket })).PolicyStatus).toEqual({ IsPublic: true });
    await visitor.getObject({ Bucket, Key: "a" });
  });
});
