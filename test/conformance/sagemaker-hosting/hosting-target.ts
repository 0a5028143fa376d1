import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { type DescribeEndpointCommandOutput, SageMaker } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntime } from "@aws-sdk/client-sagemaker-runtime";
import { startCauce, type TestServer, type TestServerOptions } from "#test/start-cauce";

export const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
export const SCRIPT = { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" };
export const BUCKET = "sagemaker-models";

export interface HostingTarget {
  readonly cauce: TestServer;
  readonly iam: IAM;
  readonly s3: S3;
  readonly events: EventBridge;
  readonly sagemaker: SageMaker;
  readonly runtime: SageMakerRuntime;
  readonly role: string;
  /** Makes the model and a configuration of the same name with one variant. */
  model(name: string, archive: Uint8Array, environment?: Record<string, string>, image?: string): Promise<void>;
  /** Waits until the endpoint is neither being made nor changed. */
  settled(name: string): Promise<DescribeEndpointCommandOutput>;
  invoke(name: string, body: string, extra?: object): Promise<{ body: string; variant?: string; type?: string }>;
}

/** A server with a bucket and a role that SageMaker may take and that may read the bucket. */
export async function openTarget(options: TestServerOptions = {}): Promise<HostingTarget> {
  const cauce = await startCauce(options);
  const iam = new IAM(cauce.client);
  const s3 = new S3({ ...cauce.client, forcePathStyle: true });
  const sagemaker = new SageMaker(cauce.client);
  const runtime = new SageMakerRuntime(cauce.client);
  const role = `arn:aws:iam::000000000000:role/hosting`;
  if (options.home === undefined) await prepare(iam, s3);

  return {
    cauce,
    iam,
    s3,
    events: new EventBridge(cauce.client),
    sagemaker,
    runtime,
    role,
    async model(name, archive, environment = SCRIPT, image = IMAGE) {
      await s3.putObject({ Bucket: BUCKET, Key: `${name}/model.tar.gz`, Body: archive });
      await sagemaker.createModel({
        ModelName: name,
        ExecutionRoleArn: role,
        PrimaryContainer: {
          Image: image,
          ModelDataUrl: `s3://${BUCKET}/${name}/model.tar.gz`,
          Environment: environment,
        },
      });
      await sagemaker.createEndpointConfig({ EndpointConfigName: name, ProductionVariants: [variant(name)] });
    },
    async settled(name) {
      for (;;) {
        const found = await sagemaker.describeEndpoint({ EndpointName: name });
        if (found.EndpointStatus !== "Creating" && found.EndpointStatus !== "Updating") return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async invoke(name, body, extra = {}) {
      const answer = await runtime.invokeEndpoint({
        EndpointName: name,
        Body: body,
        ContentType: "application/json",
        ...extra,
      });
      const result: { body: string; variant?: string; type?: string } = { body: answer.Body.transformToString() };
      if (answer.InvokedProductionVariant !== undefined) result.variant = answer.InvokedProductionVariant;
      if (answer.ContentType !== undefined) result.type = answer.ContentType;
      return result;
    },
  };
}

export async function prepare(iam: IAM, s3: S3): Promise<void> {
  await s3.createBucket({ Bucket: BUCKET });
  const statement = (rest: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...rest }] });
  await iam.createRole({
    RoleName: "hosting",
    AssumeRolePolicyDocument: statement({
      Principal: { Service: "sagemaker.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
  });
  await iam.putRolePolicy({
    RoleName: "hosting",
    PolicyName: "read",
    PolicyDocument: statement({
      Action: ["s3:GetObject", "s3:ListBucket"],
      Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
    }),
  });
}

export function variant(model: string, name = "AllTraffic", weight = 1) {
  return {
    VariantName: name,
    ModelName: model,
    InitialInstanceCount: 1,
    InstanceType: "ml.m5.large",
    InitialVariantWeight: weight,
  } as const;
}
