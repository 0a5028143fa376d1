import { setTimeout as sleep } from "node:timers/promises";
import type { InputOf, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";
import { instance } from "./cloudformation-instance.ts";
import { notBuilt } from "./faults.ts";

type Tags = readonly { readonly Key: string; readonly Value: string }[];

interface RuleProperties {
  readonly IpProtocol: string;
  readonly FromPort?: number | string;
  readonly ToPort?: number | string;
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly Description?: string;
}

interface GroupProperties {
  readonly GroupName?: string;
  readonly GroupDescription: string;
  readonly VpcId?: string;
  readonly SecurityGroupIngress?: readonly RuleProperties[];
  readonly SecurityGroupEgress?: readonly RuleProperties[];
  readonly Tags?: Tags;
}

const securityGroup: ResourceHandler<GroupProperties> = {
  replaceOn: ["GroupName", "GroupDescription", "VpcId"],

  async create(properties, at) {
    requireKnown(
      properties,
      ["GroupName", "GroupDescription", "VpcId", "SecurityGroupIngress", "SecurityGroupEgress", "Tags"],
      at,
    );
    const { GroupId = "" } = await at.call("ec2", "CreateSecurityGroup", {
      GroupName: properties.GroupName ?? at.inventName(255),
      Description: properties.GroupDescription,
      ...(properties.VpcId !== undefined && { VpcId: properties.VpcId }),
      TagSpecifications: [{ ResourceType: "security-group", Tags: tagsOf(properties, at) }],
    });
    const { SecurityGroups: [made] = [] } = await at.call("ec2", "DescribeSecurityGroups", { GroupIds: [GroupId] });
    const resource = { physicalId: GroupId, attributes: { GroupId, VpcId: made?.VpcId ?? "" } };
    try {
      await authorize(properties, GroupId, at);
    } catch (error) {
      await securityGroup.delete(resource, properties, at);
      throw error;
    }
    return resource;
  },

  async delete({ physicalId: GroupId }, _properties, at) {
    await unlessGone("InvalidGroup.NotFound", at.call("ec2", "DeleteSecurityGroup", { GroupId }));
  },
};

async function authorize(properties: GroupProperties, GroupId: string, at: ResourceContext): Promise<void> {
  const { SecurityGroupIngress: ingress = [], SecurityGroupEgress: egress = [] } = properties;
  if (ingress.length > 0)
    await at.call("ec2", "AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: ingress.map(toPermission) });
  if (egress.length === 0) return;
  // AWS: rules of its own take the place of the one that lets everything out. AWS::EC2::SecurityGroup, CloudFormation reference.
  const everything = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  await at.call("ec2", "RevokeSecurityGroupEgress", { GroupId, IpPermissions: everything });
  await at.call("ec2", "AuthorizeSecurityGroupEgress", { GroupId, IpPermissions: egress.map(toPermission) });
}

function toPermission(rule: RuleProperties) {
  const described = rule.Description === undefined ? {} : { Description: rule.Description };
  return {
    IpProtocol: String(rule.IpProtocol),
    ...(rule.FromPort !== undefined && { FromPort: Number(rule.FromPort) }),
    ...(rule.ToPort !== undefined && { ToPort: Number(rule.ToPort) }),
    ...(rule.CidrIp !== undefined && { IpRanges: [{ CidrIp: rule.CidrIp, ...described }] }),
    ...(rule.CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6, ...described }] }),
  };
}

const keyPair: ResourceHandler<{
  KeyName: string;
  PublicKeyMaterial?: string;
  KeyType?: "rsa" | "ed25519";
  Tags?: Tags;
}> = {
  replaceOn: ["KeyName", "PublicKeyMaterial", "KeyType"],

  async create(properties, at) {
    // AWS: the private half of a key that CloudFormation makes goes to the Parameter Store, which is not here.
    if (properties.PublicKeyMaterial === undefined) throw notBuilt("AWS::EC2::KeyPair without PublicKeyMaterial");
    const { KeyPairId = "", KeyFingerprint = "" } = await at.call("ec2", "ImportKeyPair", {
      KeyName: properties.KeyName,
      PublicKeyMaterial: Buffer.from(properties.PublicKeyMaterial),
      TagSpecifications: [{ ResourceType: "key-pair", Tags: tagsOf(properties, at) }],
    });
    return { physicalId: properties.KeyName, attributes: { KeyPairId, KeyFingerprint } };
  },

  async delete({ physicalId: KeyName }, _properties, at) {
    await at.call("ec2", "DeleteKeyPair", { KeyName });
  },
};

const address: ResourceHandler<{ Domain?: "vpc"; Tags?: Tags }> = {
  replaceOn: ["Domain"],

  async create(properties, at) {
    requireKnown(properties, ["Domain", "Tags"], at);
    const made = await at.call("ec2", "AllocateAddress", {
      Domain: "vpc",
      TagSpecifications: [{ ResourceType: "elastic-ip", Tags: tagsOf(properties, at) }],
    });
    const { AllocationId = "", PublicIp = "" } = made;
    // AWS: Ref gives the address, not the allocation.
    return { physicalId: PublicIp, attributes: { AllocationId, PublicIp } };
  },

  async delete({ attributes }, _properties, at) {
    await unlessGone(
      "InvalidAllocationID.NotFound",
      at.call("ec2", "ReleaseAddress", { AllocationId: attributes["AllocationId"] }),
    );
  },
};

const addressAssociation: ResourceHandler<{ AllocationId: string; InstanceId: string }> = {
  replaceOn: ["AllocationId", "InstanceId"],

  async create({ AllocationId, InstanceId }, at) {
    const { AssociationId = "" } = await at.call("ec2", "AssociateAddress", { AllocationId, InstanceId });
    return { physicalId: AssociationId, attributes: { Id: AssociationId } };
  },

  async delete({ physicalId: AssociationId }, _properties, at) {
    await unlessGone("InvalidAssociationID.NotFound", at.call("ec2", "DisassociateAddress", { AssociationId }));
  },
};

interface VolumeProperties {
  readonly AvailabilityZone: string;
  readonly Size: number | string;
  readonly VolumeType?: NonNullable<InputOf<"ec2", "CreateVolume">["VolumeType"]>;
  readonly Encrypted?: boolean | string;
  readonly Tags?: Tags;
}

const volume: ResourceHandler<VolumeProperties> = {
  replaceOn: ["AvailabilityZone", "Encrypted", "Size", "VolumeType"],

  async create(properties, at) {
    requireKnown(properties, ["AvailabilityZone", "Size", "VolumeType", "Encrypted", "Tags"], at);
    const { VolumeId = "" } = await at.call("ec2", "CreateVolume", {
      AvailabilityZone: properties.AvailabilityZone,
      Size: Number(properties.Size),
      ...(properties.VolumeType !== undefined && { VolumeType: properties.VolumeType }),
      ...(properties.Encrypted !== undefined && { Encrypted: String(properties.Encrypted) === "true" }),
      TagSpecifications: [{ ResourceType: "volume", Tags: tagsOf(properties, at) }],
    });
    return { physicalId: VolumeId, attributes: { VolumeId } };
  },

  async delete({ physicalId: VolumeId }, _properties, at) {
    // Whoever held it may be on its way out.
    for (let waited = 0; ; waited += 100) {
      try {
        return await unlessGone("InvalidVolume.NotFound", at.call("ec2", "DeleteVolume", { VolumeId }));
      } catch (error) {
        if (!(error instanceof AwsFault) || error.code !== "VolumeInUse" || waited > 20_000) throw error;
        await sleep(100);
      }
    }
  },
};

export const resources: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {
  "AWS::EC2::SecurityGroup": securityGroup as unknown as ResourceHandler,
  "AWS::EC2::KeyPair": keyPair as unknown as ResourceHandler,
  "AWS::EC2::EIP": address as unknown as ResourceHandler,
  "AWS::EC2::EIPAssociation": addressAssociation as unknown as ResourceHandler,
  "AWS::EC2::Volume": volume as unknown as ResourceHandler,
  "AWS::EC2::Instance": instance as unknown as ResourceHandler,
};

function requireKnown(properties: object, known: readonly string[], at: ResourceContext): void {
  const other = Object.keys(properties).find((name) => !known.includes(name));
  if (other !== undefined) throw notBuilt(`the property ${other} of ${at.logicalId}`);
}

async function unlessGone(code: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsFault) || error.code !== code) throw error;
  }
}

function tagsOf({ Tags = [] }: { readonly Tags?: Tags }, at: ResourceContext): { Key: string; Value: string }[] {
  const all = { ...at.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}
