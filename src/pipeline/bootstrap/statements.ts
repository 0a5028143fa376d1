import { bucketOf, partitionOf } from "../names.ts";
import { arns, derived, type Granted, type Grantee, own } from "./grantee.ts";
import { learning, scaling, serving } from "./statements-sagemaker.ts";

/**
 * The least that `up`, `run`, `deploy`, `status`, `logs`, `invoke`, `predict`, `plan` and `destroy` need in an account.
 * AWS: CloudFormation acts with its caller's permissions; what its resource handlers ask for beside what they do is in their schemas
 * (CloudFormation registry, `handlers.*.permissions`).
 */
export function deployStatements(grantee: Grantee): readonly Granted[] {
  return [
    ...storage(grantee),
    ...stack(grantee),
    ...roles(grantee),
    ...functions(grantee),
    ...learning(grantee),
    ...serving(grantee),
    ...scaling(grantee),
    ...rest(grantee),
    ...table(grantee),
    ...network(grantee),
  ];
}

function storage(grantee: Grantee): readonly Granted[] {
  const bucket = `arn:${partitionOf(grantee.place.region)}:s3:::${bucketOf(grantee.place)}`;
  return [
    {
      id: "Bucket",
      actions: [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:ListBucketMultipartUploads",
        // What the bucket is told: src/pipeline/bucket-settings.ts.
        ...["BucketPublicAccessBlock", "BucketPolicy", "BucketVersioning", "LifecycleConfiguration"].flatMap((name) => [
          `s3:Get${name}`,
          `s3:Put${name}`,
        ]),
        "s3:GetEncryptionConfiguration",
      ],
      besides: ["s3:PutEncryptionConfiguration"],
      resources: [bucket],
    },
    {
      id: "Objects",
      // The bucket keeps versions, and `destroy` removes them.
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion"],
      // Tables of many megabytes go in parts.
      besides: ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:DeleteObject"],
      resources: own(grantee).map((name) => `${bucket}/${name}/*`),
    },
  ];
}

function stack(grantee: Grantee): readonly Granted[] {
  return [
    {
      id: "Stack",
      actions: ["CreateStack", "UpdateStack", "DeleteStack", "DescribeStackResources", "GetTemplate"].map(
        (name) => `cloudformation:${name}`,
      ),
      // AWS: stacks with tags; a stack that could not go back is helped on.
      besides: ["TagResource", "UntagResource", "DescribeStackEvents", "ContinueUpdateRollback"].map(
        (name) => `cloudformation:${name}`,
      ),
      resources: arns(
        grantee,
        "cloudformation",
        own(grantee).map((name) => `stack/${name}/*`),
      ),
    },
    // Without a name, all of them: `status` shows every project.
    { id: "Stacks", actions: ["cloudformation:DescribeStacks"], resources: ["*"] },
  ];
}

function roles(grantee: Grantee): readonly Granted[] {
  const { account, region } = grantee.place;
  const resources = [`arn:${partitionOf(region)}:iam::${account}:role/${derived(grantee)}-${region}`];
  return [
    {
      id: "Roles",
      actions: ["CreateRole", "GetRole", "DeleteRole", "PutRolePolicy", "DeleteRolePolicy"].map(
        (name) => `iam:${name}`,
      ),
      besides: [
        "GetRolePolicy",
        "ListRolePolicies",
        "ListAttachedRolePolicies",
        "UpdateRole",
        "UpdateRoleDescription",
        "UpdateAssumeRolePolicy",
        "TagRole",
        "UntagRole",
      ].map((name) => `iam:${name}`),
      resources,
    },
    {
      id: "HandRolesOn",
      actions: ["iam:PassRole"],
      resources,
      condition: { StringEquals: { "iam:PassedToService": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"] } },
    },
  ];
}

function functions(grantee: Grantee): readonly Granted[] {
  const logs = [`log-group:/aws/lambda/${derived(grantee)}`, "log-group:/aws/sagemaker/*"];
  return [
    {
      id: "Functions",
      actions: [
        "CreateFunction",
        "UpdateFunctionConfiguration",
        "DeleteFunction",
        "AddPermission",
        "RemovePermission",
        "InvokeFunction",
      ].map((name) => `lambda:${name}`),
      besides: [
        "UpdateFunctionCode",
        "GetFunction",
        "GetFunctionConfiguration",
        "GetPolicy",
        "GetCodeSigningConfig",
        "GetFunctionCodeSigningConfig",
        "GetRuntimeManagementConfig",
        "GetFunctionRecursionConfig",
        "ListTags",
        "TagResource",
        "UntagResource",
      ].map((name) => `lambda:${name}`),
      resources: arns(grantee, "lambda", [`function:${derived(grantee)}`]),
    },
    {
      id: "Logs",
      actions: [
        "CreateLogGroup",
        "PutRetentionPolicy",
        "DeleteLogGroup",
        "DescribeLogStreams",
        "DeleteLogStream",
        "FilterLogEvents",
        "GetLogEvents",
      ].map((name) => `logs:${name}`),
      besides: ["TagResource", "UntagResource", "ListTagsForResource", "GetDataProtectionPolicy"].map(
        (name) => `logs:${name}`,
      ),
      resources: arns(
        grantee,
        "logs",
        logs.flatMap((group) => [group, `${group}:*`]),
      ),
    },
    {
      id: "LogGroups",
      actions: [],
      besides: ["logs:DescribeLogGroups", "logs:DescribeIndexPolicies"],
      resources: ["*"],
    },
  ];
}

/** A table that stays where it is: whether it has changed is seen from its entity tags. */
function table({ source, place }: Grantee): readonly Granted[] {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(source ?? "") ?? [];
  if (bucket === undefined) return [];
  const arn = `arn:${partitionOf(place.region)}:s3:::${bucket}`;
  return [
    {
      id: "Table",
      actions: ["s3:GetObject"],
      resources: [`${arn}/${key}${key === "" || key.endsWith("/") ? "*" : ""}`],
    },
    { id: "Tables", actions: ["s3:ListBucket"], resources: [arn] },
  ];
}

/**
 * Of a function in a VPC, which reads a database there. AWS: Lambda looks at the network with the permissions of who makes the function.
 * "Giving Lambda functions access to resources in an Amazon VPC", Lambda developer guide.
 */
function network({ project, vpc = project === undefined }: Grantee): readonly Granted[] {
  if (!vpc) return [];
  const besides = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
  return [{ id: "Network", actions: [], besides, resources: ["*"] }];
}

function rest(grantee: Grantee): readonly Granted[] {
  const { region } = grantee.place;
  const gateway = `arn:${partitionOf(region)}:apigateway:${region}::`;
  return [
    {
      id: "Rules",
      actions: ["PutRule", "DeleteRule", "PutTargets", "RemoveTargets", "ListTargetsByRule"].map(
        (name) => `events:${name}`,
      ),
      besides: ["DescribeRule", "TagResource", "UntagResource", "ListTagsForResource"].map((name) => `events:${name}`),
      resources: arns(grantee, "events", [`rule/${derived(grantee)}`]),
    },
    // A rule is looked for before it is removed.
    { id: "AllRules", actions: ["events:ListRules"], resources: ["*"] },
    // AWS: the id of an API is not known before it is made, and its name is no part of its ARN.
    {
      id: "Api",
      actions: ["POST", "PUT", "PATCH", "DELETE"].map((verb) => `apigateway:${verb}`),
      besides: ["apigateway:GET"],
      resources: [`${gateway}/restapis`, `${gateway}/restapis/*`],
    },
    // AWS: tags have a path of their own.
    {
      id: "ApiTags",
      actions: [],
      besides: ["apigateway:PUT", "apigateway:POST", "apigateway:GET"],
      resources: [`${gateway}/tags/*`],
    },
    // Only `plan` asks, and goes on without.
    {
      id: "Quotas",
      actions: ["servicequotas:ListServiceQuotas"],
      resources: ["*"],
    },
  ];
}
