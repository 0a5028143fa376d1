import type { Context } from "#kernel";
import { groupNotFound } from "./faults.ts";
import { defaultGroupOf } from "./place.ts";
import { makeId } from "./resource-ids.ts";
import { ALL_TRAFFIC } from "./rules.ts";
import type { Ec2Tables, GroupRow } from "./state.ts";

type Ec2Context = Context<Ec2Tables>;

/** All of the region, the default one among them. */
export function allGroups(ctx: Ec2Context): GroupRow[] {
  defaultGroup(ctx);
  return ctx.tables.groups.list().map(({ row }) => row);
}

/** AWS: every VPC has a group `default`, whose members may talk to each other. It is written down when first asked for. */
export function defaultGroup(ctx: Ec2Context): GroupRow {
  const id = defaultGroupOf(ctx);
  const known = ctx.tables.groups.get(id);
  if (known) return known;
  const row: GroupRow = {
    id,
    name: "default",
    description: "default VPC security group",
    ingress: [{ id: makeId(ctx, "sgr"), protocol: "-1", group: id }],
    egress: [{ id: makeId(ctx, "sgr"), ...ALL_TRAFFIC }],
    tags: {},
  };
  ctx.tables.groups.put(id, row);
  return row;
}

export function requireGroup(ctx: Ec2Context, id: string): GroupRow {
  const row = id === defaultGroupOf(ctx) ? defaultGroup(ctx) : ctx.tables.groups.get(id);
  if (!row) throw groupNotFound(id);
  return row;
}

export function groupNamed(ctx: Ec2Context, name: string): GroupRow {
  const row = allGroups(ctx).find((one) => one.name === name);
  if (!row) throw groupNotFound(name);
  return row;
}
