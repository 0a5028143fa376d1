import { HOST_IMAGE, HOST_PREFIX, HOST_STACK } from "../ec2/host.ts";
import { bucketOf, partitionOf, type Place } from "../names.ts";
import { arns, type Granted } from "./grantee.ts";

/**
 * The least that making, replacing, finding and removing the instance of `--to ec2` needs. What is done with projects then is between
 * Cauce and the server there, which has keys of its own.
 */
export function hostStatements(place: Place): readonly Granted[] {
  return [...storage(place), ...stack(place), ...role(place), ...making(place), ...made(place), ...seen(place)];
}

/** AWS: tags of the request and of what is there. Service authorization reference, Amazon EC2: condition keys. */
const REQUESTED = { "aws:RequestTag/cauce:host": "ec2" };
const OURS = { StringEquals: { "ec2:ResourceTag/cauce:host": "ec2" } };

function storage(place: Place): readonly Granted[] {
  const bucket = `arn:${partitionOf(place.region)}:s3:::${bucketOf(place)}`;
  return [
    {
      id: "Bucket",
      actions: [
        ...s3("CreateBucket", "ListBucket", "ListBucketVersions", "ListBucketMultipartUploads"),
        // What the bucket is told: src/pipeline/bucket-settings.ts.
        ...["BucketPublicAccessBlock", "BucketPolicy", "BucketVersioning", "LifecycleConfiguration"].flatMap((name) =>
          s3(`Get${name}`, `Put${name}`),
        ),
        ...s3("GetEncryptionConfiguration"),
      ],
      besides: s3("PutEncryptionConfiguration"),
      resources: [bucket],
    },
    {
      id: "Objects",
      actions: s3("GetObject", "PutObject", "DeleteObjectVersion"),
      besides: s3("AbortMultipartUpload", "ListMultipartUploadParts", "DeleteObject"),
      resources: [`${bucket}/${HOST_PREFIX}*`],
    },
  ];
}

function stack(place: Place): readonly Granted[] {
  return [
    {
      id: "Stack",
      actions: ["CreateStack", "UpdateStack", "DeleteStack", "DescribeStacks", "DescribeStackResources"].map(
        (name) => `cloudformation:${name}`,
      ),
      besides: ["GetTemplate", "TagResource", "UntagResource", "DescribeStackEvents", "ContinueUpdateRollback"].map(
        (name) => `cloudformation:${name}`,
      ),
      resources: arns({ place }, "cloudformation", [`stack/${HOST_STACK}/*`]),
    },
  ];
}

function role({ account, region }: Place): readonly Granted[] {
  const own = (type: string) => [`arn:${partitionOf(region)}:iam::${account}:${type}/${HOST_STACK}-${region}`];
  return [
    {
      id: "Role",
      actions: iam("CreateRole", "DeleteRole", "PutRolePolicy", "DeleteRolePolicy"),
      besides: [
        ...iam(
          "GetRole",
          "GetRolePolicy",
          "ListRolePolicies",
          "ListAttachedRolePolicies",
          "ListInstanceProfilesForRole",
        ),
        ...iam("UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy", "TagRole", "UntagRole"),
      ],
      resources: own("role"),
    },
    {
      id: "Profile",
      actions: iam("CreateInstanceProfile", "GetInstanceProfile", "DeleteInstanceProfile").concat(
        iam("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"),
      ),
      resources: own("instance-profile"),
    },
    {
      id: "HandRoleOn",
      actions: iam("PassRole"),
      resources: own("role"),
      condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    },
  ];
}

function making(place: Place): readonly Granted[] {
  const at = (resources: readonly string[]) => arns({ place }, "ec2", resources);
  const { region } = place;
  const partition = partitionOf(region);
  return [
    {
      id: "Launch",
      actions: ec2("RunInstances"),
      resources: at(["instance/*"]),
      condition: { StringEquals: REQUESTED },
    },
    { id: "LaunchInGroup", actions: ec2("RunInstances"), resources: at(["security-group/*"]), condition: OURS },
    // AWS: CloudFormation gives no tags to the network interface and the root volume of an instance.
    {
      id: "LaunchWith",
      actions: ec2("RunInstances"),
      resources: [
        ...at(["subnet/*", "network-interface/*", "volume/*", "key-pair/*"]),
        `arn:${partition}:ec2:${region}::image/*`,
      ],
    },
    // AWS: public parameters are nobody's: their ARNs have no account.
    {
      id: "Image",
      actions: ["ssm:GetParameters"],
      resources: [`arn:${partition}:ssm:${region}::parameter${HOST_IMAGE}`],
    },
    { id: "Volume", actions: ec2("CreateVolume"), resources: at(["volume/*"]), condition: { StringEquals: REQUESTED } },
    // AWS: CloudFormation tags an address after it has it (aws-cdk, issue 26878), so that a tag cannot be asked for here.
    {
      id: "GroupAndAddress",
      actions: ec2("CreateSecurityGroup", "AllocateAddress"),
      resources: at(["security-group/*", "vpc/*", "elastic-ip/*"]),
    },
    // Who could tag any instance or volume as a host's could then end it.
    {
      id: "TagsOfNew",
      actions: ec2("CreateTags"),
      resources: at(["instance/*", "volume/*"]),
      condition: { StringEquals: { ...REQUESTED, "ec2:CreateAction": ["RunInstances", "CreateVolume"] } },
    },
    {
      id: "Tags",
      actions: ec2("CreateTags"),
      resources: at(["security-group/*", "elastic-ip/*"]),
      condition: { StringEquals: REQUESTED },
    },
  ];
}

/** What the stack has made: it is known by its tag. */
function made(place: Place): readonly Granted[] {
  const at = (resources: readonly string[]) => arns({ place }, "ec2", resources);
  return [
    {
      id: "Instance",
      actions: ec2("TerminateInstances", "GetConsoleOutput"),
      resources: at(["instance/*"]),
      condition: OURS,
    },
    {
      id: "Attachment",
      actions: ec2("AttachVolume", "AssociateAddress", "DisassociateAddress"),
      besides: ec2("DetachVolume"),
      resources: at(["instance/*", "volume/*", "elastic-ip/*"]),
      condition: OURS,
    },
    // AWS: an instance's interface takes part in the association, and has no tags.
    {
      id: "Interface",
      actions: [],
      besides: ec2("AssociateAddress", "DisassociateAddress"),
      resources: at(["network-interface/*"]),
    },
    {
      id: "Removal",
      actions: ec2("DeleteVolume", "ReleaseAddress", "DeleteSecurityGroup"),
      resources: at(["volume/*", "elastic-ip/*", "security-group/*"]),
      condition: OURS,
    },
    {
      id: "Rules",
      actions: ec2("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"),
      besides: ec2("RevokeSecurityGroupIngress"),
      resources: at(["security-group/*"]),
      condition: OURS,
    },
  ];
}

/** AWS: what is described has no resource. Service authorization reference, Amazon EC2. */
function seen({ region }: Place): readonly Granted[] {
  return [
    {
      id: "Seen",
      actions: ec2("DescribeInstances", "DescribeInstanceTypeOfferings", "DescribeSecurityGroups", "DescribeVpcs"),
      // What CloudFormation waits for, and how it reads what it has made.
      besides: ec2(
        "DescribeAddresses",
        "DescribeAvailabilityZones",
        "DescribeImages",
        "DescribeInstanceAttribute",
        "DescribeInstanceCreditSpecifications",
        "DescribeInstanceStatus",
        "DescribeInstanceTypes",
        "DescribeKeyPairs",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "DescribeTags",
        "DescribeVolumes",
        "DescribeVolumeStatus",
      ),
      resources: ["*"],
      condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
  ];
}

function ec2(...actions: readonly string[]): string[] {
  return actions.map((name) => `ec2:${name}`);
}

function iam(...actions: readonly string[]): string[] {
  return actions.map((name) => `iam:${name}`);
}

function s3(...actions: readonly string[]): string[] {
  return actions.map((name) => `s3:${name}`);
}
