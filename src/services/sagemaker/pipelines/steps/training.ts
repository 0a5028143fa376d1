import type { InputOf } from "#kernel";
import { jobName, jobTags, runJob } from "./job.ts";
import { type StepRunner, toJson } from "./step.ts";

export const training: StepRunner = {
  async run(step, at) {
    const { ctx, args } = at;
    const TrainingJobName = jobName(step, at);
    const input = { ...args, TrainingJobName, Tags: jobTags(step, at) } as unknown as InputOf<
      "sagemaker",
      "CreateTrainingJob"
    >;
    const description = await runJob(
      {
        async create() {
          const { TrainingJobArn } = await ctx.call("sagemaker", "CreateTrainingJob", input);
          at.progress({ TrainingJob: { Arn: TrainingJobArn } });
        },
        describe: () => ctx.call("sagemaker", "DescribeTrainingJob", { TrainingJobName }),
        stop: () => ctx.call("sagemaker", "StopTrainingJob", { TrainingJobName }),
        statusOf: (job) => ({ status: job.TrainingJobStatus, reason: job.FailureReason }),
      },
      at,
    );
    return { metadata: { TrainingJob: { Arn: description.TrainingJobArn } }, properties: toJson(description) };
  },
  // AWS: "Default cache key attributes" in the SageMaker guide.
  cacheKey: ({
    AlgorithmSpecification = null,
    Environment = null,
    HyperParameters = null,
    InputDataConfig = null,
  }) => ({
    AlgorithmSpecification,
    Environment,
    HyperParameters,
    InputDataConfig,
  }),
};
