import { attribute, ref, type Statement, sub } from "../resources.ts";
import { bucketOf } from "../names.ts";
import type { Resource, Template } from "../template.ts";
import { BOOT_SCRIPT } from "./boot-script.ts";
import { HOST_IMAGE, HOST_PREFIX, HOST_STACK, type HostInput, packageKey } from "./host.ts";

const PORT = 443;

/**
 * The stack of a host. Without the instance it is what outlives one: volume, address, role. An instance is never changed in place: the stack
 * goes through that form, so that the volume is free before the next one takes it.
 */
export function hostTemplate(host: HostInput, fingerprint: string, withInstance = true): Template {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "Cauce on one instance: its volume, its address, and who may reach it",
    // Found out beforehand: they are of the account, and must stay as they are.
    Parameters: {
      Zone: { Type: "String", Description: "Where volume and instance are", Default: host.zone },
      Vpc: { Type: "String", Description: "The default VPC", Default: host.vpc },
    },
    Resources: { ...standing(host), ...(withInstance && machine(host)) },
    Outputs: {
      Fingerprint: { Description: "What this stack was made of", Value: withInstance ? fingerprint : "none" },
      Address: { Description: "Where the server answers", Value: ref("Address") },
      Settings: {
        Description: "What was chosen of the instance",
        Value: JSON.stringify(settingsOf(host)),
      },
      Zone: { Description: "Where volume and instance are", Value: ref("Zone") },
      ...(withInstance && { InstanceId: { Description: "The instance", Value: ref("Instance") } }),
    },
  };
}

function settingsOf({ type, key, sshFrom, gigabytes }: HostInput): object {
  return { type, gigabytes, ...(key !== undefined && { key }), ...(sshFrom !== undefined && { sshFrom }) };
}

function standing(host: HostInput): Record<string, Resource> {
  return {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: `${HOST_STACK}-${host.place.region}`,
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
        Policies: [{ PolicyName: "host", PolicyDocument: { Version: "2012-10-17", Statement: statements(host) } }],
        Tags: TAGS,
      },
    },
    Profile: {
      Type: "AWS::IAM::InstanceProfile",
      Properties: { InstanceProfileName: `${HOST_STACK}-${host.place.region}`, Roles: [ref("Role")] },
    },
    Group: { Type: "AWS::EC2::SecurityGroup", Properties: group(host) },
    Address: { Type: "AWS::EC2::EIP", Properties: { Domain: "vpc", Tags: TAGS } },
    Volume: {
      Type: "AWS::EC2::Volume",
      // What is on it is in the bucket too; a snapshot that nobody asked for would cost money after `destroy`.
      DeletionPolicy: "Delete",
      UpdateReplacePolicy: "Delete",
      Properties: {
        AvailabilityZone: ref("Zone"),
        Size: host.gigabytes,
        VolumeType: "gp3",
        Encrypted: true,
        Tags: TAGS,
      },
    },
  };
}

const TAGS = [
  { Key: "Name", Value: "Cauce" },
  { Key: "cauce:host", Value: "ec2" },
];

/** The package, the copy of the state, and how the server is reached; nothing of the projects' objects, nothing of EC2. */
function statements({ place }: HostInput): readonly Statement[] {
  const bucket = `arn:\${AWS::Partition}:s3:::${bucketOf(place)}`;
  const below = (path: string) => sub(`${bucket}/${HOST_PREFIX}${path}`);
  return [
    {
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: [below("package/*"), below("backup/*"), below("access.json")],
    },
    {
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
      Resource: [below("backup/*"), below("access.json")],
    },
    { Effect: "Allow", Action: "s3:DeleteObject", Resource: below("backup/*") },
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: sub(bucket),
      Condition: { StringLike: { "s3:prefix": [`${HOST_PREFIX}backup/*`, `${HOST_PREFIX}access.json`] } },
    },
  ];
}

function group({ sshFrom }: HostInput): Readonly<Record<string, unknown>> {
  const open = { IpProtocol: "tcp", CidrIp: "0.0.0.0/0" };
  return {
    VpcId: ref("Vpc"),
    GroupDescription: "Cauce: the server over TLS from everywhere",
    SecurityGroupIngress: [
      { ...open, FromPort: PORT, ToPort: PORT, Description: "URLs that predict, and the signed API" },
      ...(sshFrom === undefined
        ? []
        : [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: sshFrom, Description: "SSH" }]),
    ],
    SecurityGroupEgress: [{ ...open, FromPort: 443, ToPort: 443, Description: "S3, and where packages come from" }],
    Tags: TAGS,
  };
}

function machine(host: HostInput): Record<string, Resource> {
  return {
    Instance: {
      Type: "AWS::EC2::Instance",
      Properties: {
        // AWS: looked up at the time of the launch.
        ImageId: `{{resolve:ssm:${HOST_IMAGE}}}`,
        InstanceType: host.type,
        AvailabilityZone: ref("Zone"),
        ...(host.key !== undefined && { KeyName: host.key }),
        SecurityGroupIds: [attribute("Group", "GroupId")],
        IamInstanceProfile: ref("Profile"),
        // Without it, a T3 that is busy for long would be billed for that.
        ...(/^t[23]a?\./.test(host.type) && { CreditSpecification: { CPUCredits: "standard" } }),
        BlockDeviceMappings: [
          {
            DeviceName: "/dev/xvda",
            Ebs: { VolumeSize: 12, VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true },
          },
        ],
        // Not an attachment of its own: that would have to be undone while the volume is in use.
        Volumes: [{ Device: "/dev/sdf", VolumeId: ref("Volume") }],
        UserData: { "Fn::Base64": sub(userData(host)) },
        Tags: TAGS,
      },
    },
    Association: {
      Type: "AWS::EC2::EIPAssociation",
      Properties: { AllocationId: attribute("Address", "AllocationId"), InstanceId: ref("Instance") },
    },
  };
}

/** Names and addresses; no secret. Whoever may describe the instance can read it. */
function userData({ place, packageDigest }: HostInput): string {
  const settings = {
    ADDRESS: "${Address}",
    VOLUME: "${Volume}",
    BUCKET: bucketOf(place),
    PREFIX: HOST_PREFIX,
    PACKAGE: packageKey(packageDigest),
    ACCOUNT: place.account,
    REGION: place.region,
    PORT: String(PORT),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  // The shell's own variables are not the template's.
  return `#!/bin/bash\n${lines.join("")}${BOOT_SCRIPT.replaceAll("${", "${!")}`;
}
