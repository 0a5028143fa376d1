import type { Handlers } from "#kernel";
import { invalid, subnetNotFound, vpcNotFound } from "../faults.ts";
import { filterRows } from "../filters.ts";
import { CIDR, subnetsOf, vpcOf, zonesOf } from "../place.ts";
import { TYPES } from "../instance-types.ts";
import type { Ec2Tables } from "../state.ts";

/** The default VPC, which is all the network there is. */
export const network = {
  DescribeVpcs(input, ctx) {
    const id = vpcOf(ctx);
    for (const asked of input.VpcIds ?? []) if (asked !== id) throw vpcNotFound(asked);
    const found = filterRows([{ id }], input.Filters, {
      "vpc-id": (vpc) => [vpc.id],
      "is-default": () => ["true"],
      isDefault: () => ["true"],
      state: () => ["available"],
      cidr: () => [CIDR],
    });
    return {
      Vpcs: found.map((vpc) => ({
        VpcId: vpc.id,
        CidrBlock: CIDR,
        IsDefault: true,
        State: "available" as const,
        InstanceTenancy: "default" as const,
        OwnerId: ctx.account,
      })),
    };
  },

  DescribeSubnets(input, ctx) {
    const all = subnetsOf(ctx);
    for (const asked of input.SubnetIds ?? []) if (!all.some(({ id }) => id === asked)) throw subnetNotFound(asked);
    const chosen = all.filter(({ id }) => input.SubnetIds?.includes(id) ?? true);
    const found = filterRows(chosen, input.Filters, {
      "subnet-id": ({ id }) => [id],
      "vpc-id": () => [vpcOf(ctx)],
      "availability-zone": ({ zone }) => [zone],
      "default-for-az": () => ["true"],
      defaultForAz: () => ["true"],
      state: () => ["available"],
    });
    return {
      Subnets: found.map(({ id, zone, cidr }) => ({
        SubnetId: id,
        VpcId: vpcOf(ctx),
        AvailabilityZone: zone,
        CidrBlock: cidr,
        DefaultForAz: true,
        MapPublicIpOnLaunch: true,
        State: "available" as const,
        OwnerId: ctx.account,
      })),
    };
  },

  DescribeAvailabilityZones(input, ctx) {
    const named = zonesOf(ctx).filter((zone) => input.ZoneNames?.includes(zone) ?? true);
    const found = filterRows(
      named.map((zone) => ({ zone })),
      input.Filters,
      { "zone-name": ({ zone }) => [zone], state: () => ["available"], "zone-type": () => ["availability-zone"] },
    );
    return {
      AvailabilityZones: found.map(({ zone }) => ({
        ZoneName: zone,
        RegionName: ctx.region,
        State: "available" as const,
        ZoneType: "availability-zone",
        OptInStatus: "opt-in-not-required" as const,
      })),
    };
  },

  DescribeInstanceTypeOfferings(input, ctx) {
    const by = input.LocationType ?? "region";
    if (by !== "region" && by !== "availability-zone") throw invalid(`Invalid value '${by}' for LocationType`);
    const places = by === "region" ? [ctx.region] : zonesOf(ctx);
    const all = TYPES.flatMap((type) => places.map((place) => ({ type, place })));
    const found = filterRows(all, input.Filters, {
      "instance-type": ({ type }) => [type],
      location: ({ place }) => [place],
    });
    return {
      InstanceTypeOfferings: found.map(({ type, place }) => ({
        InstanceType: type as "t3.micro",
        LocationType: by,
        Location: place,
      })),
    };
  },
} satisfies Handlers<"ec2", Ec2Tables>;
