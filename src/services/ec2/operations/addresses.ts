import type { Context, Handlers } from "#kernel";
import {
  addressInUse,
  allocationNotFound,
  alreadyAssociated,
  associationNotFound,
  dryRun,
  instanceStateWrong,
  missing,
  notBuilt,
} from "../faults.ts";
import { filterRows, tagsFor, toTags } from "../filters.ts";
import { findLoopback } from "../loopback.ts";
import { makeId } from "../resource-ids.ts";
import type { AddressRow, Ec2Tables } from "../state.ts";
import { requireInstance } from "../require.ts";

/** Elastic addresses are loopback addresses: a program on an instance binds to the one that it was told of. */
export const addresses = {
  async AllocateAddress(input, ctx) {
    if (input.Domain !== undefined && input.Domain !== "vpc") throw notBuilt("addresses outside of a VPC");
    for (const name of ["Address", "PublicIpv4Pool", "CustomerOwnedIpv4Pool", "IpamPoolId"] as const)
      if (input[name] !== undefined) throw notBuilt(name);
    if (input.DryRun) throw dryRun();
    const address = await findLoopback(ctx.kernel.ids);
    const row = { id: makeId(ctx, "eipalloc"), address, tags: tagsFor(input.TagSpecifications, "elastic-ip") };
    ctx.tables.addresses.put(row.id, row);
    return {
      AllocationId: row.id,
      PublicIp: address,
      Domain: "vpc",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: ctx.region,
    };
  },

  AssociateAddress(input, ctx) {
    const row = requireAddress(ctx, input.AllocationId, input.PublicIp);
    if (input.NetworkInterfaceId !== undefined) throw notBuilt("network interfaces");
    if (!input.InstanceId) throw missing("InstanceId");
    const instance = requireInstance(ctx, input.InstanceId);
    // AWS: a pending instance has no interface to associate with yet.
    if (instance.state !== "running" && instance.state !== "stopped")
      throw instanceStateWrong(instance.id, "associated");
    if (row.association && row.association.instance !== instance.id && input.AllowReassociation === false)
      throw alreadyAssociated(row.id);
    if (input.DryRun) throw dryRun();
    const association = { id: makeId(ctx, "eipassoc"), instance: instance.id };
    ctx.tables.addresses.put(row.id, { ...row, association });
    return { AssociationId: association.id };
  },

  DisassociateAddress(input, ctx) {
    const row = ctx.tables.addresses
      .list()
      .map((one) => one.row)
      .find((one) => one.association?.id === input.AssociationId || one.address === input.PublicIp);
    if (!row) throw associationNotFound(input.AssociationId ?? input.PublicIp ?? "");
    if (input.DryRun) throw dryRun();
    release(ctx, row);
    return {};
  },

  ReleaseAddress(input, ctx) {
    const row = requireAddress(ctx, input.AllocationId, input.PublicIp);
    if (row.association) throw addressInUse(row.address);
    if (input.DryRun) throw dryRun();
    ctx.tables.addresses.delete(row.id);
    return {};
  },

  DescribeAddresses(input, ctx) {
    for (const id of input.AllocationIds ?? []) requireAddress(ctx, id, undefined);
    for (const address of input.PublicIps ?? []) requireAddress(ctx, undefined, address);
    const chosen = ctx.tables.addresses
      .list()
      .map(({ row }) => row)
      .filter(
        (row) => (input.AllocationIds?.includes(row.id) ?? true) && (input.PublicIps?.includes(row.address) ?? true),
      );
    const found = filterRows(chosen, input.Filters, {
      "allocation-id": (row) => [row.id],
      "public-ip": (row) => [row.address],
      "association-id": (row) => [row.association?.id],
      "instance-id": (row) => [row.association?.instance],
      domain: () => ["vpc"],
    });
    return { Addresses: found.map((row) => toAddress(row, ctx)) };
  },
} satisfies Handlers<"ec2", Ec2Tables>;

export function release(ctx: Context<Ec2Tables>, { association: _gone, ...row }: AddressRow): void {
  ctx.tables.addresses.put(row.id, row);
}

function requireAddress(ctx: Context<Ec2Tables>, id: string | undefined, address: string | undefined): AddressRow {
  if (id === undefined && address === undefined) throw missing("AllocationId");
  const all = ctx.tables.addresses.list().map(({ row }) => row);
  const row = all.find((one) => (id === undefined ? one.address === address : one.id === id));
  if (!row) throw allocationNotFound(id ?? address ?? "");
  return row;
}

function toAddress(row: AddressRow, ctx: Context<Ec2Tables>) {
  const { association } = row;
  return {
    AllocationId: row.id,
    PublicIp: row.address,
    Domain: "vpc" as const,
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: ctx.region,
    Tags: toTags(row.tags),
    ...(association && { AssociationId: association.id, InstanceId: association.instance }),
  };
}
