import type { Permissions } from "#kernel";
import { sagemakerArn } from "../arns.ts";

type At = { readonly account: string; readonly region: string };

const onTraining = (action: string) => (input: { readonly TrainingJobName: string }, at: At) => ({
  action: `sagemaker:${action}`,
  resource: sagemakerArn(at, "training-job", input.TrainingJobName),
});
const onProcessing = (action: string) => (input: { readonly ProcessingJobName: string }, at: At) => ({
  action: `sagemaker:${action}`,
  resource: sagemakerArn(at, "processing-job", input.ProcessingJobName),
});

/** AWS: "Actions, resources, and condition keys for Amazon SageMaker": jobs by their ARN, lists on everything. Tags ask for AddTags as well. */
export const jobPermissions: Permissions<"sagemaker"> = {
  CreateTrainingJob: (input, at) => [
    onTraining("CreateTrainingJob")(input, at),
    ...(input.Tags?.length ? [onTraining("AddTags")(input, at)] : []),
  ],
  DescribeTrainingJob: onTraining("DescribeTrainingJob"),
  StopTrainingJob: onTraining("StopTrainingJob"),
  DeleteTrainingJob: onTraining("DeleteTrainingJob"),
  CreateProcessingJob: (input, at) => [
    onProcessing("CreateProcessingJob")(input, at),
    ...(input.Tags?.length ? [onProcessing("AddTags")(input, at)] : []),
  ],
  DescribeProcessingJob: onProcessing("DescribeProcessingJob"),
  StopProcessingJob: onProcessing("StopProcessingJob"),
  DeleteProcessingJob: onProcessing("DeleteProcessingJob"),
};
