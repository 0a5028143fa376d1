import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { Context, Handlers } from "#kernel";
import {
  deviceTaken,
  dryRun,
  instanceStateWrong,
  invalid,
  missing,
  notBuilt,
  volumeElsewhere,
  volumeInUse,
  volumeNotAttached,
} from "../faults.ts";
import { filterRows, tagsFor, toTags } from "../filters.ts";
import { rootOf, volumeFolder } from "../machine.ts";
import { zonesOf } from "../place.ts";
import { requireInstance, requireVolume } from "../require.ts";
import { makeId } from "../resource-ids.ts";
import type { Ec2Tables, VolumeRow } from "../state.ts";

/** A volume is a folder; attached, it is a link below the instance's `dev`. */
export const volumes = {
  CreateVolume(input, ctx) {
    for (const name of ["SnapshotId", "OutpostArn", "MultiAttachEnabled"] as const)
      if (input[name]) throw notBuilt(`volumes with ${name}`);
    const zone = input.AvailabilityZone;
    if (!zone) throw missing("AvailabilityZone");
    if (!zonesOf(ctx).includes(zone)) throw invalid(`Invalid availability zone: [${zone}]`);
    if (input.Size === undefined) throw missing("Size/SnapshotId");
    if (input.DryRun) throw dryRun();
    const row: VolumeRow = {
      id: makeId(ctx, "vol"),
      size: input.Size,
      zone,
      type: input.VolumeType ?? "gp2",
      encrypted: input.Encrypted ?? false,
      created: ctx.now().toISOString(),
      tags: tagsFor(input.TagSpecifications, "volume"),
    };
    mkdirSync(volumeFolder(ctx.kernel, row.id), { recursive: true, mode: 0o700 });
    ctx.tables.volumes.put(row.id, row);
    return toVolume(row);
  },

  DescribeVolumes(input, ctx) {
    const chosen = input.VolumeIds?.length
      ? input.VolumeIds.map((id) => requireVolume(ctx, id))
      : ctx.tables.volumes.list().map(({ row }) => row);
    const found = filterRows(chosen, input.Filters, {
      "volume-id": ({ id }) => [id],
      status: ({ attachment }) => [attachment ? "in-use" : "available"],
      "availability-zone": ({ zone }) => [zone],
      "attachment.instance-id": ({ attachment }) => [attachment?.instance],
      "volume-type": ({ type }) => [type],
    });
    return { Volumes: found.map(toVolume) };
  },

  AttachVolume(input, ctx) {
    const row = requireVolume(ctx, input.VolumeId);
    const instance = requireInstance(ctx, input.InstanceId);
    if (row.attachment) throw volumeInUse(row.id, row.attachment.instance);
    if (instance.state !== "running" && instance.state !== "stopped")
      throw instanceStateWrong(instance.id, "attached to");
    if (instance.zone !== row.zone) throw volumeElsewhere(row.id, instance.id);
    const device = input.Device;
    if (!/^(\/dev\/)?(sd|xvd)[b-z][0-9]*$/.test(device))
      throw invalid(`Value (${device}) for parameter device is invalid. ${device} is not a valid EBS device name.`);
    const taken = ctx.tables.volumes
      .list()
      .some(({ row: other }) => other.attachment?.instance === instance.id && other.attachment.device === device);
    if (taken) throw deviceTaken(device);
    if (input.DryRun) throw dryRun();
    const attachment = { instance: instance.id, device, at: ctx.now().toISOString() };
    const link = linkOf(ctx, attachment);
    rmSync(link, { force: true });
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync(volumeFolder(ctx.kernel, row.id), link);
    ctx.tables.volumes.put(row.id, { ...row, attachment });
    return { ...toAttachment(row.id, attachment), State: "attaching" };
  },

  DetachVolume(input, ctx) {
    const row = requireVolume(ctx, input.VolumeId);
    if (!row.attachment) throw volumeNotAttached(row.id);
    if (input.DryRun) throw dryRun();
    detach(ctx, row);
    return { ...toAttachment(row.id, row.attachment), State: "detaching" };
  },

  DeleteVolume(input, ctx) {
    const row = requireVolume(ctx, input.VolumeId);
    if (row.attachment) throw volumeInUse(row.id, row.attachment.instance);
    if (input.DryRun) throw dryRun();
    ctx.tables.volumes.delete(row.id);
    rmSync(volumeFolder(ctx.kernel, row.id), { recursive: true, force: true, maxRetries: 3 });
    return {};
  },
} satisfies Handlers<"ec2", Ec2Tables>;

export function detach(ctx: Context<Ec2Tables>, { attachment, ...row }: VolumeRow): void {
  if (attachment) rmSync(linkOf(ctx, attachment), { force: true });
  ctx.tables.volumes.put(row.id, row);
}

function linkOf(ctx: Context<Ec2Tables>, { instance, device }: NonNullable<VolumeRow["attachment"]>): string {
  return join(rootOf(ctx.kernel, instance), "dev", basename(device));
}

function toVolume(row: VolumeRow) {
  return {
    VolumeId: row.id,
    Size: row.size,
    AvailabilityZone: row.zone,
    VolumeType: row.type as "gp3",
    Encrypted: row.encrypted,
    CreateTime: new Date(row.created),
    State: row.attachment ? ("in-use" as const) : ("available" as const),
    MultiAttachEnabled: false,
    SnapshotId: "",
    Attachments: row.attachment ? [{ ...toAttachment(row.id, row.attachment), State: "attached" as const }] : [],
    Tags: toTags(row.tags),
  };
}

function toAttachment(volume: string, { instance, device, at }: NonNullable<VolumeRow["attachment"]>) {
  return {
    VolumeId: volume,
    InstanceId: instance,
    Device: device,
    AttachTime: new Date(at),
    DeleteOnTermination: false,
  };
}
