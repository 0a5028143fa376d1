import { setTimeout as sleep } from "node:timers/promises";
import type {
  CreateTransformJobCommandInput,
  DescribeTransformJobCommandOutput,
  TransformInput,
  TransformOutput,
} from "@aws-sdk/client-sagemaker";
import type { TestServerOptions } from "#test/start-cauce";
import { BUCKET, type HostingTarget, openTarget } from "../sagemaker-hosting/hosting-target.ts";

export { BUCKET };

type Rest = Omit<Partial<CreateTransformJobCommandInput>, "TransformInput" | "TransformOutput"> & {
  readonly from?: Partial<TransformInput>;
  readonly to?: Partial<TransformOutput>;
};

export interface TransformTarget extends HostingTarget {
  /** Starts a job of that name: from `<name>/in/` to `<name>/out`. */
  start(name: string, model: string, rest?: Rest): Promise<void>;
  ended(name: string): Promise<DescribeTransformJobCommandOutput>;
  put(key: string, body: string | Uint8Array): Promise<void>;
  read(key: string): Promise<string>;
  keys(prefix: string): Promise<(string | undefined)[]>;
}

/** A server with a bucket, and a role that SageMaker may take and that reads and writes there. */
export async function openTransformTarget(options?: TestServerOptions): Promise<TransformTarget> {
  const target = await openTarget(options);
  const { s3, sagemaker } = target;
  if (options?.home === undefined) await allowWriting(target);
  return {
    ...target,
    async start(name, model, { from, to, ...rest } = {}) {
      await sagemaker.createTransformJob({
        TransformJobName: name,
        ModelName: model,
        TransformInput: {
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/${name}/in/` } },
          ContentType: "text/csv",
          SplitType: "Line",
          ...from,
        },
        TransformOutput: { S3OutputPath: `s3://${BUCKET}/${name}/out`, AssembleWith: "Line", ...to },
        TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
        ...rest,
      });
    },
    async ended(name) {
      for (;;) {
        const found = await sagemaker.describeTransformJob({ TransformJobName: name });
        if (found.TransformJobStatus !== "InProgress" && found.TransformJobStatus !== "Stopping") return found;
        await sleep(20);
      }
    },
    async put(key, body) {
      await s3.putObject({ Bucket: BUCKET, Key: key, Body: body });
    },
    async read(key) {
      const { Body: body } = await s3.getObject({ Bucket: BUCKET, Key: key });
      return (await body?.transformToString()) ?? "";
    },
    async keys(prefix) {
      const { Contents: found = [] } = await s3.listObjectsV2({ Bucket: BUCKET, Prefix: prefix });
      return found.map(({ Key: key }) => key);
    },
  };
}

export async function allowWriting({ iam }: Pick<HostingTarget, "iam">): Promise<void> {
  const statement = { Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${BUCKET}/*` };
  await iam.putRolePolicy({
    RoleName: "hosting",
    PolicyName: "write",
    PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
  });
}
