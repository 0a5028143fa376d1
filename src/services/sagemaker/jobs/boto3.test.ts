import { afterAll, beforeAll, expect, it } from "vitest";
import { rootPrincipal } from "#kernel";
import { startCauce, type TestServer } from "#test/start-cauce";
import { ACCOUNT, IMAGE, ROLE, prepare, provideRuntimes } from "./kernel.fixture.ts";

let cauce: TestServer;

beforeAll(async () => {
  cauce = await startCauce();
  await provideRuntimes(cauce.home);
});

afterAll(() => cauce[Symbol.asyncDispose]());

it("lets a script in the job call AWS with boto3, as the job's role and no more", async () => {
  const { call } = cauce.kernel.context("sagemaker", rootPrincipal(ACCOUNT));
  await prepare({ call });
  const script = `
import boto3, botocore.exceptions, pathlib
print(boto3.client("sts").get_caller_identity()["Arn"])
s3 = boto3.client("s3")
s3.put_object(Bucket="bucket", Key="made/by/job.txt", Body=b"made")
print(s3.get_object(Bucket="bucket", Key="made/by/job.txt")["Body"].read())
try: boto3.client("iam").list_roles()
except botocore.exceptions.ClientError as error: print(error.response["Error"]["Code"])
`;
  await call("s3", "PutObject", { Bucket: "bucket", Key: "code/run.py", Body: Buffer.from(script) });
  await call("sagemaker", "CreateProcessingJob", {
    ProcessingJobName: "client",
    RoleArn: ROLE,
    AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["python3", "/opt/ml/processing/input/code/run.py"] },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 10 } },
    ProcessingInputs: [
      {
        InputName: "code",
        S3Input: {
          S3Uri: "s3://bucket/code/",
          LocalPath: "/opt/ml/processing/input/code",
          S3DataType: "S3Prefix",
          S3InputMode: "File",
        },
      },
    ],
  });
  const status = async () =>
    (await call("sagemaker", "DescribeProcessingJob", { ProcessingJobName: "client" })).ProcessingJobStatus;
  await expect.poll(status, { timeout: 60_000 }).not.toBe("InProgress");
  const { events } = await call("logs", "FilterLogEvents", {
    logGroupName: "/aws/sagemaker/ProcessingJobs",
    logStreamNamePrefix: "client/",
  });
  expect(events?.map(({ message }) => message)).toEqual([
    `arn:aws:sts::${ACCOUNT}:assumed-role/job/SageMaker`,
    "b'made'",
    "AccessDenied",
  ]);
  expect(await status()).toBe("Completed");
});
