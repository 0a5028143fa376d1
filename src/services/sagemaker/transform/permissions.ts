import type { Permissions } from "#kernel";
import { sagemakerArn } from "../arns.ts";

type At = { readonly account: string; readonly region: string };

const on = (action: string) => (input: { readonly TransformJobName: string }, at: At) => ({
  action: `sagemaker:${action}`,
  resource: sagemakerArn(at, "transform-job", input.TransformJobName),
});

/** AWS: "Actions, resources, and condition keys for Amazon SageMaker": the job's ARN; no PassRole, the model has its role already. */
export const transformPermissions: Permissions<"sagemaker"> = {
  CreateTransformJob: (input, at) => [
    on("CreateTransformJob")(input, at),
    ...(input.Tags?.length ? [on("AddTags")(input, at)] : []),
  ],
  DescribeTransformJob: on("DescribeTransformJob"),
  StopTransformJob: on("StopTransformJob"),
};
