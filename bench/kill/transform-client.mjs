// A client that puts files, has them answered by batch transform and waits, until it is killed; each line it writes is one request, before and after.
import { setTimeout as sleep } from "node:timers/promises";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { say, untilKilled } from "./client.mjs";

const [name, files, rows, Bucket, ModelName] = process.argv.slice(2);
const s3 = new S3({ forcePathStyle: true, maxAttempts: 1 });
const sagemaker = new SageMaker({ maxAttempts: 1 });

await untilKilled(async () => {
  for (let file = 0; file < Number(files); file++) {
    const Body = Array.from({ length: Number(rows) }, (_, row) => `${file},${row}\n`).join("");
    await s3.putObject({ Bucket, Key: `in/${name}/${file}.csv`, Body });
  }
  await sagemaker.createTransformJob({
    TransformJobName: name,
    ModelName,
    BatchStrategy: "SingleRecord",
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${Bucket}/in/${name}/` } },
      ContentType: "text/csv",
      SplitType: "Line",
    },
    TransformOutput: { S3OutputPath: `s3://${Bucket}/out/${name}`, AssembleWith: "Line" },
    TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
  });
  say({ acknowledged: true });
  for (;;) {
    const { TransformJobStatus } = await sagemaker.describeTransformJob({ TransformJobName: name });
    if (TransformJobStatus !== "InProgress") break;
    await sleep(100);
  }
});
