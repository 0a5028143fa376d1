import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";

const Bucket = "guarded";
const ROLE = "arn:aws:sts::000000000000:assumed-role/reader/test";
let cauce: TestServer;
let root: S3;
let reader: S3;

beforeAll(async () => {
  cauce = await startCauce();
  root = new S3(cauce.client);
  await root.createBucket({ Bucket });
  for (const Key of ["in/a", "in/b", "out/a"]) await root.putObject({ Bucket, Key, Body: Key });
  const iam = new IAM(cauce.client);
  const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.createRole({
    RoleName: "reader",
    AssumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "sts:AssumeRole",
    }),
  });
  await iam.putRolePolicy({
    RoleName: "reader",
    PolicyName: "in",
    PolicyDocument: document(
      { Effect: "Allow", Action: ["s3:GetObject", "s3:DeleteObject"], Resource: `arn:aws:s3:::${Bucket}/in/*` },
      { Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/out/*` },
    ),
  });
  const credentials = await takeRole(cauce.client, "arn:aws:iam::000000000000:role/reader", "test");
  reader = new S3({
    ...cauce.client,
    credentials,
  });
  iam.destroy();
});

afterAll(async () => {
  root.destroy();
  reader.destroy();
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

it("lets a role do what its policies allow, and says what they do not", async () => {
  expect(await (await reader.getObject({ Bucket, Key: "in/a" })).Body?.transformToString()).toBe("in/a");
  await reader.putObject({ Bucket, Key: "out/new", Body: "x" });
  await expect(reader.getObject({ Bucket, Key: "out/a" })).rejects.toMatchObject({
    name: "AccessDenied",
    message: expect.stringContaining(`User: ${ROLE} is not authorized to perform: s3:GetObject on resource:`) as string,
  });
  await expect(reader.putObject({ Bucket, Key: "in/x", Body: "x" })).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(reader.listObjectsV2({ Bucket })).rejects.toMatchObject({ name: "AccessDenied" });
});

it("does not tell who may not list whether a key is there", async () => {
  await expect(reader.getObject({ Bucket, Key: "in/none" })).rejects.toMatchObject({
    name: "AccessDenied",
    message: expect.stringContaining("s3:ListBucket") as string,
  });
  await expect(root.getObject({ Bucket, Key: "in/none" })).rejects.toMatchObject({ name: "NoSuchKey" });
});

it("wants both sides of a copy, and each key of a delete", async () => {
  await reader.copyObject({ Bucket, Key: "out/copy", CopySource: `${Bucket}/in/a` });
  const copy = (Key: string, from: string) => reader.copyObject({ Bucket, Key, CopySource: `${Bucket}/${from}` });
  await expect(copy("out/x", "out/a")).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(copy("in/x", "in/a")).rejects.toMatchObject({ name: "AccessDenied" });
  const answer = await reader.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "in/b" }, { Key: "out/a" }] } });
  expect(answer.Deleted).toEqual([{ Key: "in/b" }]);
  expect(answer.Errors).toMatchObject([{ Key: "out/a", Code: "AccessDenied" }]);
  await root.headObject({ Bucket, Key: "out/a" });
});

it("wants more for a version that is named than for the newest", async () => {
  const versioned = "guarded-versions";
  await root.createBucket({ Bucket: versioned });
  await root.putBucketVersioning({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } });
  const { VersionId } = await root.putObject({ Bucket: versioned, Key: "in/a", Body: "x" });
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:role/reader" },
      Action: ["s3:GetObject", "s3:DeleteObject"],
      Resource: `arn:aws:s3:::${versioned}/*`,
    },
  });
  await root.putBucketPolicy({ Bucket: versioned, Policy });
  const at = { Bucket: versioned, Key: "in/a" };
  await reader.getObject(at);
  const refused = (action: string) => ({
    name: "AccessDenied",
    message: expect.stringContaining(`to perform: s3:${action} on`) as string,
  });
  await expect(reader.getObject({ ...at, VersionId })).rejects.toMatchObject(refused("GetObjectVersion"));
  await expect(reader.deleteObject({ ...at, VersionId })).rejects.toMatchObject(refused("DeleteObjectVersion"));
  const many = await reader.deleteObjects({ Bucket: versioned, Delete: { Objects: [{ Key: "in/a", VersionId }] } });
  expect(many.Errors).toMatchObject([{ Code: "AccessDenied", VersionId }]);
  await expect(reader.getObjectTagging({ ...at, VersionId })).rejects.toMatchObject(refused("GetObjectVersionTagging"));
  await expect(reader.listObjectVersions({ Bucket: versioned })).rejects.toMatchObject(refused("ListBucketVersions"));
  expect((await reader.deleteObject(at)).DeleteMarker).toBe(true);
});
