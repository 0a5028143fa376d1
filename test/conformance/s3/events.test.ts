import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { eventually, type LambdaCase, startLambdaCase } from "../lambda/lambda-case.ts";

let on: LambdaCase;
let s3: S3;

beforeAll(async () => {
  on = await startLambdaCase();
  s3 = new S3(on.cauce.client);
});

afterAll(async () => {
  s3.destroy();
  expect(on.cauce.reports).toEqual([]);
  await on[Symbol.asyncDispose]();
});

it("hands events to EventBridge when the bucket says so", async () => {
  const Bucket = "eventful";
  await s3.createBucket({ Bucket });
  await on.make("listener", { "index.js": "exports.handler = async (event) => console.log(JSON.stringify(event));" });
  const events = new EventBridge(on.cauce.client);
  const { RuleArn: rule } = await events.putRule({ Name: "s3", EventPattern: JSON.stringify({ source: ["aws.s3"] }) });
  const { Configuration: made } = await on.lambda.getFunction({ FunctionName: "listener" });
  await on.lambda.addPermission({
    FunctionName: "listener",
    StatementId: "events",
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    SourceArn: rule,
  });
  await events.putTargets({ Rule: "s3", Targets: [{ Id: "1", Arn: made?.FunctionArn }] });
  events.destroy();

  await s3.putObject({ Bucket, Key: "before", Body: "x" });
  await s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: { EventBridgeConfiguration: {} } });
  const { ETag: etag } = await s3.putObject({ Bucket, Key: "a b", Body: "xyz" });
  await s3.deleteObject({ Bucket, Key: "a b" });
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  const { VersionId: version } = await s3.putObject({ Bucket, Key: "kept", Body: "x" });
  const { VersionId: marker } = await s3.deleteObject({ Bucket, Key: "kept" });
  await s3.deleteObject({ Bucket, Key: "kept", VersionId: version });

  const heard = await eventually(async () => {
    const found = (await on.messages("listener")).filter((line) => line.includes('"aws.s3"'));
    return found.length >= 5 ? found.map((line) => JSON.parse(line.slice(line.indexOf("{"))) as Heard) : undefined;
  }, 15_000);
  const created = heard.find((event) => event["detail-type"] === "Object Created");
  expect(created).toMatchObject({
    source: "aws.s3",
    resources: [`arn:aws:s3:::${Bucket}`],
    detail: {
      version: "0",
      bucket: { name: Bucket },
      object: { key: "a b", size: 3, etag: etag?.replaceAll('"', "") },
      reason: "PutObject",
    },
  });
  const about = (type: string, key: string) =>
    heard
      .map((event) => event as unknown as { "detail-type": string; detail: { object: { key: string } } })
      .filter((event) => event["detail-type"] === type && event.detail.object.key === key)
      .map(({ detail }) => detail);
  expect(about("Object Deleted", "a b")).toMatchObject([
    { reason: "DeleteObject", "deletion-type": "Permanently Deleted" },
  ]);
  expect(about("Object Created", "kept")).toMatchObject([{ object: { "version-id": version } }]);
  const [one, other] = [
    { object: { "version-id": marker }, "deletion-type": "Delete Marker Created" },
    { object: { "version-id": version }, "deletion-type": "Permanently Deleted" },
  ].map(
    (detail) =>
      expect.objectContaining({ ...detail, object: expect.objectContaining(detail.object) as object }) as object,
  );
  expect(about("Object Deleted", "kept")).toHaveLength(2);
  expect(about("Object Deleted", "kept")).toEqual(expect.arrayContaining([one, other]));
  expect(heard.some((event) => JSON.stringify(event).includes("before"))).toBe(false);
});

interface Heard {
  readonly "detail-type": string;
  readonly detail: object;
}

it("makes and removes buckets by CloudFormation", async () => {
  const cloudformation = new CloudFormation(on.cauce.client);
  const policy = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: { "Fn::Sub": "${Data.Arn}/secret/*" },
    },
  };
  const TemplateBody = JSON.stringify({
    Resources: {
      Data: {
        Type: "AWS::S3::Bucket",
        Properties: {
          Tags: [{ Key: "a", Value: "b" }],
          PublicAccessBlockConfiguration: { BlockPublicAcls: true },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
          },
          CorsConfiguration: { CorsRules: [{ AllowedOrigins: ["*"], AllowedMethods: ["GET"], MaxAge: 5 }] },
          NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
          VersioningConfiguration: { Status: "Enabled" },
          LifecycleConfiguration: {
            Rules: [
              {
                Id: "tidy",
                Status: "Enabled",
                Prefix: "a/",
                TagFilters: [{ Key: "k", Value: "v" }],
                ExpirationInDays: "3",
                NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 },
              },
            ],
          },
        },
      },
      Policy: { Type: "AWS::S3::BucketPolicy", Properties: { Bucket: { Ref: "Data" }, PolicyDocument: policy } },
    },
    Outputs: { Name: { Value: { Ref: "Data" } }, Arn: { Value: { "Fn::GetAtt": ["Data", "Arn"] } } },
  });
  await cloudformation.createStack({ StackName: "buckets", TemplateBody });
  const stack = async () => (await cloudformation.describeStacks({ StackName: "buckets" })).Stacks?.[0];
  await vi.waitFor(async () => expect((await stack())?.StackStatus).toBe("CREATE_COMPLETE"), 10_000);
  const outputs = Object.fromEntries((await stack())?.Outputs?.map((one) => [one.OutputKey, one.OutputValue]) ?? []);
  const Bucket = String(outputs["Name"]);
  expect(Bucket).toMatch(/^buckets-data-[a-z0-9]+$/);
  expect(outputs["Arn"]).toBe(`arn:aws:s3:::${Bucket}`);
  expect((await s3.getBucketTagging({ Bucket })).TagSet).toContainEqual({ Key: "a", Value: "b" });
  expect((await s3.getBucketCors({ Bucket })).CORSRules?.[0]?.MaxAgeSeconds).toBe(5);
  expect((await s3.getBucketNotificationConfiguration({ Bucket })).EventBridgeConfiguration).toBeDefined();
  expect((await s3.getBucketVersioning({ Bucket })).Status).toBe("Enabled");
  expect((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules).toEqual([
    {
      ID: "tidy",
      Status: "Enabled",
      Filter: { And: { Prefix: "a/", Tags: [{ Key: "k", Value: "v" }] } },
      Expiration: { Days: 3 },
      NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 },
    },
  ]);
  await expect(s3.getObject({ Bucket, Key: "secret/a" })).rejects.toMatchObject({ name: "AccessDenied" });
  await cloudformation.deleteStack({ StackName: "buckets" });
  await vi.waitFor(async () => {
    const { Buckets: buckets = [] } = await s3.listBuckets();
    expect(buckets.map(({ Name: name }) => name)).not.toContain(Bucket);
  }, 10_000);
  cloudformation.destroy();
});
