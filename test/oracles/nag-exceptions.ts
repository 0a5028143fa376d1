/** A finding of cdk-nag that stands, and why. */
export interface Exception {
  /** The whole of the rule's name, with what it found. */
  readonly rule: RegExp;
  /** Logical ids. */
  readonly resource: RegExp;
  readonly why: string;
}

/** IAM5 counts every `*` in a policy; each that is left names what cannot be known when the stack is made. */
const wildcards: readonly Exception[] = [
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:s3:::cauce-\d{12}-[a-z0-9-]+\/[a-z0-9-]+\/[a-z]+(\/\*\/[a-z]+)?\/\*\]$/,
    resource: /^[A-Z][a-z]+Role$/,
    why: "Objects lie at addresses made of their content or of a run's id. The prefix is the project's own, and the one part of it that this role's step reads or writes.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::sales\/2024\/\*\]$/,
    resource: /^ExtractRole$/,
    why: "The project names a folder of tables in S3: its objects are what is read.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    resource: /^((Prepare|Train|Evaluate|Inspect|Model)Role)$/,
    why: "ecr:GetAuthorizationToken and cloudwatch:PutMetricData take no resource (service authorization reference); metrics are limited by their namespace instead.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    resource: /^(Extract|Deploy|Batch)Role$/,
    why: "Lists of SageMaker (ListModelPackages, ListModels, ListEndpointConfigs) take no resource (service authorization reference). They tell names only. A function in a VPC makes network interfaces, which have no names before they are (Lambda's developer guide).",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:\/aws\/sagemaker\/\*\]$/,
    resource: /^(Prepare|Train|Evaluate|Inspect|Model)Role$/,
    why: "SageMaker chooses the log groups (one for each kind of job, one for each endpoint) and the streams in them.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:\/aws\/lambda\/[a-z0-9-]+:\*\]$/,
    resource: /^(Extract|Predict|Deploy|Batch)Role$/,
    why: "The streams of the function's own log group, which Lambda names.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:(processing|training)-job\/pipelines-\*\]$/,
    resource: /^PipelineRole$/,
    why: "A pipeline names its jobs pipelines-<execution>-<step>-<random>.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:model-package\/[a-z0-9-]+\/\*\]$/,
    resource: /^(Pipeline|Extract|Deploy)Role$/,
    why: "The versions of the project's own group, which are numbered as they come.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:(model|endpoint-config)\/[a-z0-9-]+-\*\]$/,
    resource: /^DeployRole$/,
    why: "Models and configurations are named <project>-<version>-<digest>, a new one for each deployment.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:application-autoscaling:<AWS::Region>:<AWS::AccountId>:scalable-target\/\*\]$/,
    resource: /^DeployRole$/,
    why: "Application Auto Scaling names its targets itself, by an id that nobody knows before.",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:(TargetTracking-endpoint\/[a-z0-9-]+\/)?\*\]$/,
    resource: /^DeployRole$/,
    why: "And the alarms of a target-tracking policy: TargetTracking-<the endpoint's variant>-<random>.",
  },
  {
    rule: /^Serverless-LambdaStarPermissions$/,
    resource: /^(Extract|Deploy|Batch)Role$/,
    why: "As IAM5 above: lists of SageMaker take no resource.",
  },
];

/** The URL is public by default, as a form on a page needs it; what stands before it is the caller's to choose. */
const publicUrl: readonly Exception[] = [
  {
    rule: /^AwsSolutions-(APIG4|COG4)$/,
    resource: /^(Post|Get|Options)Method$/,
    why: "A public URL is what the project asks for; it can read nothing but one prediction. A preflight carries no credentials by definition.",
  },
  {
    rule: /^AwsSolutions-APIG2$/,
    resource: /^Api$/,
    why: "The model itself says what its fields are, and two versions with different fields may serve at once, so fields are checked by the model's container, and size and JSON by the function.",
  },
  {
    rule: /^AwsSolutions-APIG3$/,
    resource: /^Stage$/,
    why: "A web ACL costs by the month and has an owner of its own; it can be associated with the stage without changing the stack.",
  },
  {
    rule: /^(AwsSolutions-APIG[16]|Serverless-APIGWAccessLogging)$/,
    resource: /^Stage$/,
    why: "API Gateway logs only with a role in the account's own settings (AWS::ApiGateway::Account), which belong to all APIs of the account: a project must not set them, and without them the stage is refused. Each request stands in the log of the predict function.",
  },
  {
    rule: /^Serverless-APIGWDefaultThrottling$/,
    resource: /^Stage$/,
    why: "The right number of requests a second is known to the project's owner only. Without one the account's limit holds, and the endpoint's instances bound what a flood can cost.",
  },
];

const operations: readonly Exception[] = [
  {
    rule: /^Serverless-(LambdaTracing|APIGWXrayEnabled)$/,
    resource: /^((Extract|Predict|Deploy|Batch)Function|Stage)$/,
    why: "Traces cost for each request and are a choice of the operator; nothing here depends on them.",
  },
  {
    rule: /^Serverless-LambdaDLQ$/,
    resource: /^(Extract|Predict|Batch)Function$/,
    why: "Invoked synchronously, by the pipeline, by API Gateway and by the command line: a failure goes back to the caller, a dead-letter queue would stay empty.",
  },
  {
    rule: /^Serverless-(LambdaDLQ|EventBusDLQ)$/,
    resource: /^(DeployFunction|ApprovedRule|ServingRule|IdleRule)$/,
    why: "A lost event is made good by state, not by a queue: `up` compares what serves with what is approved and invokes the function itself, and `status` shows a version that is approved and does not serve.",
  },
];

const host: readonly Exception[] = [
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:s3:::cauce-\d{12}-[a-z0-9-]+\/_host\/(package|backup)\/\*\]$/,
    resource: /^Role$/,
    why: "Packages and copies of the state lie at addresses made of their content; the prefix is the host's own.",
  },
  {
    rule: /^AwsSolutions-EC23$/,
    resource: /^Group$/,
    why: "The URLs of the projects are public, as API Gateway's are; everything else behind that port must be signed with the server's key. SSH is open to the named block only.",
  },
  {
    rule: /^AwsSolutions-EC28$/,
    resource: /^Instance$/,
    why: "Metrics by the minute cost a fifth of a micro instance; the server is asked for its health by whoever uses it.",
  },
  {
    rule: /^AwsSolutions-EC29$/,
    resource: /^Instance$/,
    why: "The instance is replaced by every new version; what must not be lost is on a volume of its own and in the bucket.",
  },
];

export const EXCEPTIONS: readonly Exception[] = [...wildcards, ...publicUrl, ...operations, ...host];
