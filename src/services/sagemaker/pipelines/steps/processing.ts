import type { InputOf } from "#kernel";
import { jobName, jobTags, runJob } from "./job.ts";
import { type StepRunner, toJson } from "./step.ts";

export const processing: StepRunner = {
  async run(step, at) {
    const { ctx, args } = at;
    const ProcessingJobName = jobName(step, at);
    const input = { ...args, ProcessingJobName, Tags: jobTags(step, at) } as unknown as InputOf<
      "sagemaker",
      "CreateProcessingJob"
    >;
    const description = await runJob(
      {
        async create() {
          const { ProcessingJobArn } = await ctx.call("sagemaker", "CreateProcessingJob", input);
          at.progress({ ProcessingJob: { Arn: ProcessingJobArn } });
        },
        describe: () => ctx.call("sagemaker", "DescribeProcessingJob", { ProcessingJobName }),
        stop: () => ctx.call("sagemaker", "StopProcessingJob", { ProcessingJobName }),
        statusOf: (job) => ({ status: job.ProcessingJobStatus, reason: job.FailureReason ?? job.ExitMessage }),
      },
      at,
    );
    return { metadata: { ProcessingJob: { Arn: description.ProcessingJobArn } }, properties: toJson(description) };
  },
  // AWS: "Default cache key attributes" in the SageMaker guide: not the role, the instances, the outputs.
  cacheKey: ({ AppSpecification = null, Environment = null, ProcessingInputs = null }) => ({
    AppSpecification,
    Environment,
    ProcessingInputs,
  }),
};
