import { setTimeout as sleep } from "node:timers/promises";
import type { InputOf, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault, fault } from "#protocol";
import { notBuilt } from "./faults.ts";

type RunInput = InputOf<"ec2", "RunInstances">;

interface InstanceProperties {
  readonly ImageId: string;
  readonly InstanceType?: string;
  readonly KeyName?: string;
  readonly AvailabilityZone?: string;
  readonly SubnetId?: string;
  readonly SecurityGroupIds?: readonly string[];
  readonly SecurityGroups?: readonly string[];
  readonly IamInstanceProfile?: string;
  readonly UserData?: string;
  readonly BlockDeviceMappings?: RunInput["BlockDeviceMappings"];
  readonly MetadataOptions?: RunInput["MetadataOptions"];
  readonly CreditSpecification?: { readonly CPUCredits?: string };
  readonly Monitoring?: boolean | string;
  readonly EbsOptimized?: boolean | string;
  readonly Volumes?: readonly { readonly Device: string; readonly VolumeId: string }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const KNOWN = [
  "ImageId",
  "InstanceType",
  "KeyName",
  "AvailabilityZone",
  "SubnetId",
  "SecurityGroupIds",
  "SecurityGroups",
  "IamInstanceProfile",
  "UserData",
  "BlockDeviceMappings",
  "MetadataOptions",
  "CreditSpecification",
  "Monitoring",
  "EbsOptimized",
  "Volumes",
  "Tags",
];

/** Every change makes another instance. AWS: some only stop and start it; the embedded one is as cheap to make anew. */
export const instance: ResourceHandler<InstanceProperties> = {
  replaceOn: [],

  async create(properties, at) {
    const other = Object.keys(properties).find((name) => !KNOWN.includes(name));
    if (other !== undefined) throw notBuilt(`the property ${other} of AWS::EC2::Instance`);
    const { Instances: [made] = [] } = await at.call("ec2", "RunInstances", toRun(properties, at));
    const id = made?.InstanceId ?? "";
    try {
      await waitFor(id, ["running"], at);
      // AWS: Volumes are attached when the instance runs. AWS::EC2::Instance, CloudFormation reference.
      for (const { Device, VolumeId } of properties.Volumes ?? [])
        await at.call("ec2", "AttachVolume", { InstanceId: id, VolumeId, Device });
      return { physicalId: id, attributes: await attributesOf(id, at) };
    } catch (error) {
      await end(id, at);
      throw error;
    }
  },

  delete: ({ physicalId }, _properties, at) => end(physicalId, at),
};

function toRun(properties: InstanceProperties, at: ResourceContext): RunInput {
  const tags = { ...at.tags, ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])) };
  return {
    // A dynamic reference that names a public parameter; EC2 itself resolves it.
    ImageId: properties.ImageId.replace(/^\{\{(resolve:ssm:.+)\}\}$/, "$1"),
    MinCount: 1,
    MaxCount: 1,
    ...(properties.InstanceType !== undefined && { InstanceType: properties.InstanceType as "t3.micro" }),
    ...(properties.KeyName !== undefined && { KeyName: properties.KeyName }),
    ...(properties.AvailabilityZone !== undefined && { Placement: { AvailabilityZone: properties.AvailabilityZone } }),
    ...(properties.SubnetId !== undefined && { SubnetId: properties.SubnetId }),
    ...(properties.SecurityGroupIds && { SecurityGroupIds: [...properties.SecurityGroupIds] }),
    ...(properties.SecurityGroups && { SecurityGroups: [...properties.SecurityGroups] }),
    ...(properties.IamInstanceProfile !== undefined && { IamInstanceProfile: { Name: properties.IamInstanceProfile } }),
    ...(properties.UserData !== undefined && { UserData: properties.UserData }),
    ...(properties.BlockDeviceMappings && { BlockDeviceMappings: properties.BlockDeviceMappings }),
    TagSpecifications: [
      { ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  };
}

async function attributesOf(id: string, at: ResourceContext): Promise<Record<string, string>> {
  const found = await describe(id, at);
  return {
    AvailabilityZone: found?.Placement?.AvailabilityZone ?? "",
    PrivateIp: found?.PrivateIpAddress ?? "",
    PublicIp: found?.PublicIpAddress ?? "",
    VpcId: found?.VpcId ?? "",
    InstanceId: id,
  };
}

async function describe(id: string, at: ResourceContext) {
  const { Reservations: [found] = [] } = await at.call("ec2", "DescribeInstances", { InstanceIds: [id] });
  return found?.Instances?.[0];
}

async function waitFor(id: string, wanted: readonly string[], at: ResourceContext): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 50) {
    const found = await describe(id, at);
    const state = found?.State?.Name ?? "";
    if (wanted.includes(state)) return;
    if (state === "terminated") break;
    await sleep(50);
  }
  const reason = (await describe(id, at))?.StateReason?.Message ?? "";
  throw fault("InternalFailure", `The instance ${id} did not become ${wanted.join(" or ")}. ${reason}`);
}

async function end(id: string, at: ResourceContext): Promise<void> {
  try {
    await at.call("ec2", "TerminateInstances", { InstanceIds: [id] });
    await waitFor(id, ["terminated"], at);
  } catch (error) {
    if (!(error instanceof AwsFault) || error.code !== "InvalidInstanceID.NotFound") throw error;
  }
}
