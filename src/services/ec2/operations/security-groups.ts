import type { Context, Handlers } from "#kernel";
import {
  dependent,
  dryRun,
  groupExists,
  groupReserved,
  invalid,
  missing,
  notBuilt,
  ruleExists,
  ruleNotFound,
  vpcNotFound,
} from "../faults.ts";
import { filterRows, tagsFor, toTags } from "../filters.ts";
import { allGroups, groupNamed, requireGroup } from "../groups.ts";
import { defaultGroupOf, vpcOf } from "../place.ts";
import { makeId } from "../resource-ids.ts";
import { ALL_TRAFFIC, describeRule, isSameRule, type Rule, rulesOf, toPermissions } from "../rules.ts";
import type { Ec2Tables, GroupRow } from "../state.ts";

type Ec2Context = Context<Ec2Tables>;

/** Kept and shown as AWS does; nothing is filtered here: every instance is on the loopback. */
export const securityGroups = {
  CreateSecurityGroup(input, ctx) {
    const { GroupName: name, Description: description } = input;
    if (input.VpcId !== undefined && input.VpcId !== vpcOf(ctx)) throw vpcNotFound(input.VpcId);
    if (/^sg-/i.test(name)) throw invalid(`Invalid value '${name}' for groupName. A name cannot begin with sg-.`);
    if (allGroups(ctx).some((row) => row.name === name)) throw groupExists(name, vpcOf(ctx));
    if (input.DryRun) throw dryRun();
    const row: GroupRow = {
      id: makeId(ctx, "sg"),
      name,
      description,
      ingress: [],
      // AWS: a new group lets everything out. CreateSecurityGroup, API reference.
      egress: [{ id: makeId(ctx, "sgr"), ...ALL_TRAFFIC }],
      tags: tagsFor(input.TagSpecifications, "security-group"),
    };
    ctx.tables.groups.put(row.id, row);
    return { GroupId: row.id, Tags: toTags(row.tags), SecurityGroupArn: arnOf(ctx, row) };
  },

  DescribeSecurityGroups(input, ctx) {
    const named = [
      ...(input.GroupIds ?? []).map((id) => requireGroup(ctx, id)),
      ...(input.GroupNames ?? []).map((name) => groupNamed(ctx, name)),
    ];
    const found = filterRows(named.length > 0 ? named : allGroups(ctx), input.Filters, {
      "group-id": ({ id }) => [id],
      "group-name": ({ name }) => [name],
      description: ({ description }) => [description],
      "vpc-id": () => [vpcOf(ctx)],
      "owner-id": () => [ctx.account],
    });
    return {
      SecurityGroups: found.map((row) => ({
        GroupId: row.id,
        GroupName: row.name,
        Description: row.description,
        OwnerId: ctx.account,
        VpcId: vpcOf(ctx),
        SecurityGroupArn: arnOf(ctx, row),
        IpPermissions: toPermissions(row.ingress, ctx.account),
        IpPermissionsEgress: toPermissions(row.egress, ctx.account),
        Tags: toTags(row.tags),
      })),
    };
  },

  AuthorizeSecurityGroupIngress(input, ctx) {
    const row = meant(ctx, input);
    return add(ctx, row, { side: "ingress", rules: rulesOf(input), try: input.DryRun });
  },

  AuthorizeSecurityGroupEgress(input, ctx) {
    const row = meant(ctx, input);
    return add(ctx, row, { side: "egress", rules: rulesOf(input), try: input.DryRun });
  },

  RevokeSecurityGroupIngress(input, ctx) {
    if (input.SecurityGroupRuleIds?.length) throw notBuilt("rules by their ids");
    return remove(ctx, meant(ctx, input), { side: "ingress", rules: rulesOf(input), try: input.DryRun });
  },

  RevokeSecurityGroupEgress(input, ctx) {
    if (input.SecurityGroupRuleIds?.length) throw notBuilt("rules by their ids");
    return remove(ctx, meant(ctx, input), { side: "egress", rules: rulesOf(input), try: input.DryRun });
  },

  DeleteSecurityGroup(input, ctx) {
    const row = meant(ctx, input);
    if (row.id === defaultGroupOf(ctx)) throw groupReserved();
    const used = ctx.tables.instances
      .list()
      .some(({ row: one }) => one.state !== "terminated" && one.groups.includes(row.id));
    const named = allGroups(ctx).some(
      (other) => other.id !== row.id && [...other.ingress, ...other.egress].some(({ group }) => group === row.id),
    );
    if (used || named) throw dependent(row.id);
    if (input.DryRun) throw dryRun();
    ctx.tables.groups.delete(row.id);
    return { Return: true, GroupId: row.id };
  },
} satisfies Handlers<"ec2", Ec2Tables>;

function meant(ctx: Ec2Context, input: { GroupId?: string | undefined; GroupName?: string | undefined }): GroupRow {
  if (input.GroupId !== undefined) return requireGroup(ctx, input.GroupId);
  if (input.GroupName !== undefined) return groupNamed(ctx, input.GroupName);
  throw missing("groupName or groupId");
}

interface Change {
  readonly side: "ingress" | "egress";
  readonly rules: readonly Rule[];
  readonly try: boolean | undefined;
}

function add(ctx: Ec2Context, row: GroupRow, { side, rules, try: dry }: Change) {
  for (const rule of rules) {
    if (row[side].some((one) => isSameRule(one, rule))) throw ruleExists(describeRule(rule));
    if (rule.group !== undefined) requireGroup(ctx, rule.group);
  }
  if (dry) throw dryRun();
  const added = rules.map((rule) => ({ id: makeId(ctx, "sgr"), ...rule }));
  ctx.tables.groups.put(row.id, { ...row, [side]: [...row[side], ...added] });
  return {
    Return: true,
    SecurityGroupRules: added.map((rule) => ({
      SecurityGroupRuleId: rule.id,
      GroupId: row.id,
      GroupOwnerId: ctx.account,
      IsEgress: side === "egress",
      IpProtocol: rule.protocol,
      FromPort: rule.from ?? -1,
      ToPort: rule.to ?? -1,
      ...(rule.cidr !== undefined && { CidrIpv4: rule.cidr }),
      ...(rule.cidr6 !== undefined && { CidrIpv6: rule.cidr6 }),
      ...(rule.group !== undefined && { ReferencedGroupInfo: { GroupId: rule.group, UserId: ctx.account } }),
      ...(rule.description !== undefined && { Description: rule.description }),
    })),
  };
}

function remove(ctx: Ec2Context, row: GroupRow, { side, rules, try: dry }: Change) {
  for (const rule of rules) if (!row[side].some((one) => isSameRule(one, rule))) throw ruleNotFound();
  if (dry) throw dryRun();
  const left = row[side].filter((one) => !rules.some((rule) => isSameRule(one, rule)));
  ctx.tables.groups.put(row.id, { ...row, [side]: left });
  return { Return: true };
}

function arnOf({ account, region }: Ec2Context, { id }: GroupRow): string {
  return `arn:aws:ec2:${region}:${account}:security-group/${id}`;
}
