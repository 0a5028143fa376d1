import { arns, derived, type Granted, type Grantee, own } from "./grantee.ts";

export function learning(grantee: Grantee): readonly Granted[] {
  const names = own(grantee);
  const at = (resources: readonly string[]) => arns(grantee, "sagemaker", resources);
  const tagging = sagemaker("ListTags", "DeleteTags");
  return [
    {
      id: "Pipeline",
      actions: sagemaker(
        "CreatePipeline",
        "UpdatePipeline",
        "DeletePipeline",
        "DescribePipeline",
        "StartPipelineExecution",
        "ListPipelineExecutions",
        "ListPipelineExecutionSteps",
      ),
      besides: [...sagemaker("AddTags", "StopPipelineExecution", "DescribePipelineExecution"), ...tagging],
      resources: at([
        ...names.map((name) => `pipeline/${name}`),
        ...(grantee.project === undefined ? [] : names.map((name) => `pipeline/${name}/*`)),
      ]),
    },
    {
      id: "Versions",
      actions: sagemaker(
        "CreateModelPackageGroup",
        "DeleteModelPackageGroup",
        "DescribeModelPackage",
        "DeleteModelPackage",
      ),
      besides: [
        ...sagemaker("AddTags", "DescribeModelPackageGroup", "UpdateModelPackage", "GetModelPackageGroupPolicy"),
        ...tagging,
      ],
      resources: at(names.flatMap((name) => [`model-package-group/${name}`, `model-package/${name}/*`])),
    },
    {
      id: "Jobs",
      actions: sagemaker("DescribeTrainingJob", "DescribeProcessingJob", "DeleteTrainingJob", "DeleteProcessingJob"),
      resources: at(["training-job/pipelines-*", "processing-job/pipelines-*"]),
    },
  ];
}

export function serving(grantee: Grantee): readonly Granted[] {
  const ours = derived(grantee);
  const at = (resources: readonly string[]) => arns(grantee, "sagemaker", resources);
  return [
    {
      id: "Serving",
      actions: sagemaker(
        "DescribeEndpoint",
        "DeleteEndpoint",
        "DescribeEndpointConfig",
        "DeleteEndpointConfig",
        "DescribeModel",
        "DeleteModel",
        "ListTags",
      ),
      resources: at([...own(grantee).map((name) => `endpoint/${name}`), `endpoint-config/${ours}`, `model/${ours}`]),
    },
    {
      id: "Predictions",
      actions: sagemaker("CreateTransformJob", "DescribeTransformJob", "AddTags"),
      besides: sagemaker("StopTransformJob"),
      resources: at([`transform-job/${ours}`]),
    },
    // AWS: a list cannot be limited to a resource. Service authorization reference, Amazon SageMaker.
    {
      id: "Lists",
      actions: sagemaker(
        "ListModelPackages",
        "ListEndpointConfigs",
        "ListModels",
        "ListTrainingJobs",
        "ListProcessingJobs",
        "ListTransformJobs",
      ),
      resources: ["*"],
    },
  ];
}

export function scaling(grantee: Grantee): readonly Granted[] {
  return [
    {
      id: "Scaling",
      actions: ["application-autoscaling:DeregisterScalableTarget"],
      resources: arns(grantee, "application-autoscaling", ["scalable-target/*"]),
      condition: { StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } },
    },
    // AWS: the alarms of a scaling go with its caller's permissions. Application Auto Scaling user guide, "Permissions".
    {
      id: "Alarms",
      actions: ["cloudwatch:DeleteAlarms"],
      resources: arns(
        grantee,
        "cloudwatch",
        own(grantee).map((name) => `alarm:TargetTracking-endpoint/${name}/*`),
      ),
    },
    { id: "AllAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: arns(grantee, "cloudwatch", ["alarm:*"]) },
    // AWS: what is described has no resource. Service authorization reference, AWS Application Auto Scaling.
    {
      id: "Scaled",
      actions: ["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"],
      resources: ["*"],
    },
  ];
}

function sagemaker(...actions: readonly string[]): string[] {
  return actions.map((name) => `sagemaker:${name}`);
}
