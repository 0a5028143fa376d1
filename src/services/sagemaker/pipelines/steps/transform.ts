import type { InputOf } from "#kernel";
import { jobName, jobTags, runJob } from "./job.ts";
import { type StepRunner, toJson } from "./step.ts";

export const transform: StepRunner = {
  async run(step, at) {
    const { ctx, args } = at;
    const TransformJobName = jobName(step, at);
    const input = { ...args, TransformJobName, Tags: jobTags(step, at) } as unknown as InputOf<
      "sagemaker",
      "CreateTransformJob"
    >;
    const description = await runJob(
      {
        async create() {
          const { TransformJobArn } = await ctx.call("sagemaker", "CreateTransformJob", input);
          at.progress({ TransformJob: { Arn: TransformJobArn } });
        },
        describe: () => ctx.call("sagemaker", "DescribeTransformJob", { TransformJobName }),
        stop: () => ctx.call("sagemaker", "StopTransformJob", { TransformJobName }),
        statusOf: (job) => ({ status: job.TransformJobStatus, reason: job.FailureReason }),
      },
      at,
    );
    return { metadata: { TransformJob: { Arn: description.TransformJobArn } }, properties: toJson(description) };
  },
  // AWS: "Default cache key attributes" in the SageMaker guide: not the model's instances, not the output.
  cacheKey: ({ ModelName = null, TransformInput = null, Environment = null, DataProcessing = null }) => ({
    ModelName,
    TransformInput,
    Environment,
    DataProcessing,
  }),
};
