import { repositoryOf } from "./images.ts";
import type { FunctionName } from "./names.ts";
import type { StageContext } from "./stages/stage.ts";
import type { Resource } from "./template.ts";

export interface Statement {
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

export const sub = (text: string): { readonly "Fn::Sub": string } => ({ "Fn::Sub": text });
export const ref = (id: string): { readonly Ref: string } => ({ Ref: id });
export const attribute = (id: string, name: string): { readonly "Fn::GetAtt": readonly string[] } => ({
  "Fn::GetAtt": [id, name],
});

/** An ARN in the stack's own partition, region and account. */
export const arn = (service: string, resource: string): { readonly "Fn::Sub": string } =>
  sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);

/** An ARN of the assets bucket, or of objects in it. */
export const objects = (at: StageContext, pattern = ""): { readonly "Fn::Sub": string } =>
  sub(`arn:\${AWS::Partition}:s3:::${at.names.bucket}${pattern === "" ? "" : `/${at.names.key(pattern)}`}`);

export function allow(
  action: string | readonly string[],
  resource: unknown,
  condition?: Readonly<Record<string, unknown>>,
): Statement {
  return { Effect: "Allow", Action: action, Resource: resource, ...(condition && { Condition: condition }) };
}

/** A role of its own for each function and step, with no more than it needs. */
export function role(at: StageContext, of: string, trusted: string, statements: readonly Statement[]): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: at.names.role(of),
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: trusted }, Action: "sts:AssumeRole" }],
      },
      Policies: [{ PolicyName: of, PolicyDocument: { Version: "2012-10-17", Statement: statements } }],
      ...tags(at),
    },
  };
}

/** What every container in SageMaker needs: its log, its metrics and its image. */
export function containerStatements(at: StageContext): readonly Statement[] {
  const image = repositoryOf(at.image);
  return [
    allow(
      ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      arn("logs", "log-group:/aws/sagemaker/*"),
    ),
    allow("cloudwatch:PutMetricData", "*", {
      StringLike: { "cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*"] },
    }),
    allow("ecr:GetAuthorizationToken", "*"),
    ...(image === undefined
      ? []
      : [
          allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
            sub(`arn:\${AWS::Partition}:ecr:${image.region}:${image.account}:repository/${image.repository}`),
          ),
        ]),
  ];
}

/** The role of one job: it reads and writes under these parts of the project only. */
export function jobRole(at: StageContext, step: string, reads: readonly string[], writes: readonly string[]): Resource {
  return role(at, step, "sagemaker.amazonaws.com", [
    allow(
      "s3:GetObject",
      reads.map((path) => objects(at, `${path}/*`)),
    ),
    allow(
      ["s3:PutObject", "s3:AbortMultipartUpload"],
      writes.map((path) => objects(at, `${path}/*`)),
    ),
    allow("s3:ListBucket", objects(at), { StringLike: { "s3:prefix": [at.names.key("*")] } }),
    ...containerStatements(at),
  ]);
}

export interface FunctionSettings {
  /** Where its handler is, when it is not the package's own: the package of another function, and a file of it. */
  readonly code?: { readonly of: FunctionName; readonly file: string };
  readonly description: string;
  readonly timeout: number;
  readonly memory: number;
  readonly storage?: number;
  readonly environment: Readonly<Record<string, unknown>>;
  /** The network that it reaches into. */
  readonly vpc?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] } | undefined;
  readonly statements: readonly Statement[];
}

/** AWS: Lambda makes a function's network interfaces as its role; they have no names before they are. Developer guide, "Required IAM permissions". */
const IN_A_NETWORK = allow(
  [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  "*",
);

/** A Lambda function with its role and its log group, under logical ids that begin with `Extract`, `Predict`, `Deploy`, `Batch`. */
export function lambdaFunction(
  at: StageContext,
  name: keyof StageContext["names"]["functions"],
  settings: FunctionSettings,
): Readonly<Record<string, Resource>> {
  const { of, file } = settings.code ?? { of: name as FunctionName, file: "index" };
  const id = name.charAt(0).toUpperCase() + name.slice(1);
  const functionName = at.names.functions[name];
  return {
    [`${id}Log`]: {
      Type: "AWS::Logs::LogGroup",
      DeletionPolicy: "Delete",
      UpdateReplacePolicy: "Delete",
      Properties: { LogGroupName: `/aws/lambda/${functionName}`, RetentionInDays: 30, ...tags(at) },
    },
    [`${id}Role`]: role(at, name, "lambda.amazonaws.com", [
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", `log-group:/aws/lambda/${functionName}:*`)),
      ...(settings.vpc ? [IN_A_NETWORK] : []),
      ...settings.statements,
    ]),
    [`${id}Function`]: {
      Type: "AWS::Lambda::Function",
      DependsOn: `${id}Log`,
      Properties: {
        FunctionName: functionName,
        Description: settings.description,
        Runtime: "nodejs24.x",
        Handler: `${file}.handler`,
        Architectures: ["x86_64"],
        Role: attribute(`${id}Role`, "Arn"),
        Code: { S3Bucket: at.names.bucket, S3Key: at.functionKeys[of] },
        Timeout: settings.timeout,
        MemorySize: settings.memory,
        ...(settings.storage !== undefined && { EphemeralStorage: { Size: settings.storage } }),
        Environment: { Variables: settings.environment },
        ...(settings.vpc && {
          VpcConfig: { SubnetIds: settings.vpc.subnets, SecurityGroupIds: settings.vpc.securityGroups },
        }),
        ...tags(at),
      },
    },
  };
}

export function tags(at: StageContext): { readonly Tags: readonly { readonly Key: string; readonly Value: string }[] } {
  const all = { "cauce:project": at.project.name, ...at.project.tags };
  return { Tags: Object.entries(all).map(([Key, Value]) => ({ Key, Value })) };
}
