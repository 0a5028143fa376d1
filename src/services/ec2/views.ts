import type { Instance, InstanceStateName } from "@aws-sdk/client-ec2";
import type { Context } from "#kernel";
import { toTags } from "./filters.ts";
import { requireGroup } from "./groups.ts";
import { IMAGE } from "./image.ts";
import { subnetsOf, vpcOf } from "./place.ts";
import type { Ec2Tables, InstanceRow, InstanceState } from "./state.ts";

type Ec2Context = Context<Ec2Tables>;

/** AWS: the low byte of the state. InstanceState, API reference. */
const CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function toState(state: InstanceState): { Code: number; Name: InstanceStateName } {
  return { Code: CODES[state], Name: state };
}

export function toInstance(row: InstanceRow, ctx: Ec2Context): Instance {
  const here = row.state !== "terminated";
  const elastic = ctx.tables.addresses.list().find((one) => one.row.association?.instance === row.id)?.row;
  const attached = ctx.tables.volumes
    .list()
    .flatMap((one) => (one.row.attachment?.instance === row.id ? [one.row] : []));
  const up = row.state === "pending" || row.state === "running";
  return {
    InstanceId: row.id,
    ImageId: row.imageId,
    State: toState(row.state),
    StateReason: row.reason ? { Code: row.reason.code, Message: row.reason.message } : undefined,
    StateTransitionReason: row.reason ? `User initiated (${row.since.replace("T", " ").slice(0, 19)} GMT)` : "",
    InstanceType: row.type as "t3.micro",
    KeyName: row.keyName,
    LaunchTime: new Date(row.launched),
    Placement: { AvailabilityZone: row.zone, Tenancy: "default" },
    Monitoring: { State: "disabled" },
    Architecture: IMAGE.Architecture,
    RootDeviceType: IMAGE.RootDeviceType,
    RootDeviceName: IMAGE.RootDeviceName,
    VirtualizationType: IMAGE.VirtualizationType,
    Hypervisor: IMAGE.Hypervisor,
    AmiLaunchIndex: 0,
    ClientToken: row.clientToken,
    ...(here && { PrivateIpAddress: row.address, VpcId: vpcOf(ctx), SubnetId: subnetIn(row.zone, ctx) }),
    ...((up || elastic) && here && { PublicIpAddress: elastic?.address ?? row.address }),
    IamInstanceProfile: row.profile === undefined ? undefined : { Arn: row.profile, Id: row.profile.split("/").at(-1) },
    SecurityGroups: here ? row.groups.map((id) => ({ GroupId: id, GroupName: requireGroup(ctx, id).name })) : [],
    BlockDeviceMappings: attached.map(({ id, attachment }) => ({
      DeviceName: attachment?.device,
      Ebs: { VolumeId: id, Status: "attached", DeleteOnTermination: false, AttachTime: new Date(attachment?.at ?? 0) },
    })),
    Tags: toTags(row.tags),
  };
}

function subnetIn(zone: string, ctx: Ec2Context): string | undefined {
  return subnetsOf(ctx).find((subnet) => subnet.zone === zone)?.id;
}
