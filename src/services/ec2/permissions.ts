import type { TagSpecification } from "@aws-sdk/client-ec2";
import { formatArn } from "#core";
import type { Context, Permission, Permissions } from "#kernel";
import { tagsFor } from "./filters.ts";
import { vpcOf } from "./place.ts";
import type { Ec2Tables } from "./state.ts";

type At = Context<Ec2Tables>;
type Tags = Readonly<Record<string, string>>;

/**
 * What is described is asked for on `*`; everything else on what it is done to, with the tags that it has and that it is given.
 * AWS: service authorization reference, Amazon EC2.
 */
export const permissions: Permissions<"ec2", At> = {
  RunInstances: (input, at) => [
    ...making("RunInstances", "instance", input.TagSpecifications, at),
    { action: "ec2:RunInstances", resource: arn("image", imageId(input.ImageId), at, "") },
    { action: "ec2:RunInstances", resource: arn("subnet", input.SubnetId ?? "*", at) },
    { action: "ec2:RunInstances", resource: arn("network-interface", "*", at) },
    { action: "ec2:RunInstances", resource: arn("volume", "*", at) },
    ...groupsOf(input.SecurityGroupIds).map((id) => to("RunInstances", id, at)),
    ...(input.KeyName === undefined
      ? []
      : [{ action: "ec2:RunInstances", resource: arn("key-pair", input.KeyName, at) }]),
    ...parameterOf(input.ImageId, at),
  ],
  StartInstances: ({ InstanceIds }, at) => InstanceIds.map((id) => to("StartInstances", id, at)),
  StopInstances: ({ InstanceIds }, at) => InstanceIds.map((id) => to("StopInstances", id, at)),
  RebootInstances: ({ InstanceIds }, at) => InstanceIds.map((id) => to("RebootInstances", id, at)),
  TerminateInstances: ({ InstanceIds }, at) => InstanceIds.map((id) => to("TerminateInstances", id, at)),
  GetConsoleOutput: ({ InstanceId }, at) => to("GetConsoleOutput", InstanceId, at),

  CreateSecurityGroup: (input, at) => [
    ...making("CreateSecurityGroup", "security-group", input.TagSpecifications, at),
    { action: "ec2:CreateSecurityGroup", resource: arn("vpc", input.VpcId ?? vpcOf(at), at) },
  ],
  AuthorizeSecurityGroupIngress: ({ GroupId }, at) => to("AuthorizeSecurityGroupIngress", GroupId, at),
  AuthorizeSecurityGroupEgress: ({ GroupId }, at) => to("AuthorizeSecurityGroupEgress", GroupId, at),
  RevokeSecurityGroupIngress: ({ GroupId }, at) => to("RevokeSecurityGroupIngress", GroupId, at),
  RevokeSecurityGroupEgress: ({ GroupId }, at) => to("RevokeSecurityGroupEgress", GroupId, at),
  DeleteSecurityGroup: ({ GroupId }, at) => to("DeleteSecurityGroup", GroupId, at),

  AllocateAddress: (input, at) => making("AllocateAddress", "elastic-ip", input.TagSpecifications, at),
  AssociateAddress: ({ AllocationId, InstanceId }, at) => [
    to("AssociateAddress", AllocationId ?? "eipalloc-*", at),
    ...(InstanceId === undefined ? [] : [to("AssociateAddress", InstanceId, at)]),
  ],
  DisassociateAddress: ({ AssociationId }, at) => {
    const row = at.tables.addresses.list().find((one) => one.row.association?.id === AssociationId)?.row;
    return [row?.id ?? "eipalloc-*", row?.association?.instance ?? "i-*"].map((id) =>
      to("DisassociateAddress", id, at),
    );
  },
  ReleaseAddress: ({ AllocationId }, at) => to("ReleaseAddress", AllocationId ?? "eipalloc-*", at),

  CreateVolume: (input, at) => making("CreateVolume", "volume", input.TagSpecifications, at),
  AttachVolume: ({ VolumeId, InstanceId }, at) => [VolumeId, InstanceId].map((id) => to("AttachVolume", id, at)),
  DetachVolume: ({ VolumeId, InstanceId }, at) =>
    [VolumeId, ...(InstanceId === undefined ? [] : [InstanceId])].map((id) => to("DetachVolume", id, at)),
  DeleteVolume: ({ VolumeId }, at) => to("DeleteVolume", VolumeId, at),

  CreateKeyPair: (input, at) => makingKeyPair("CreateKeyPair", input, at),
  ImportKeyPair: (input, at) => makingKeyPair("ImportKeyPair", input, at),
  DeleteKeyPair: ({ KeyName, KeyPairId }, at) => {
    const id = KeyName === undefined ? KeyPairId : at.tables.keyPairs.get(KeyName)?.id;
    // What is not there is deleted all the same, by whoever may delete one of that name.
    return id === undefined
      ? { action: "ec2:DeleteKeyPair", resource: arn("key-pair", KeyName ?? "*", at) }
      : to("DeleteKeyPair", id, at);
  },

  CreateTags: ({ Resources, Tags = [] }, at) => {
    const given = Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    return Resources.map((id) => withTags(to("CreateTags", id, at), given));
  },
  DeleteTags: ({ Resources }, at) => Resources.map((id) => to("DeleteTags", id, at)),
};

type Type = "instance" | "volume" | "security-group" | "elastic-ip";
type Given = readonly TagSpecification[] | undefined;

function making(action: string, type: Type, given: Given, at: At): Permission[] {
  return tagged(action, arn(type, "*", at), tagsFor(given, type));
}

/** AWS: a key pair's ARN ends with its name, which is known before it is made. */
function makingKeyPair(
  action: string,
  { KeyName, TagSpecifications }: { readonly KeyName?: string; readonly TagSpecifications?: Given },
  at: At,
): Permission[] {
  return tagged(action, arn("key-pair", KeyName ?? "*", at), tagsFor(TagSpecifications, "key-pair"));
}

/** AWS: tags that are given in passing need CreateTags too, with `ec2:CreateAction`. "Grant permission to tag resources during creation", EC2 user guide. */
function tagged(action: string, resource: string, tags: Tags): Permission[] {
  const made = withTags({ action: `ec2:${action}`, resource }, tags);
  if (Object.keys(tags).length === 0) return [made];
  const tagging = { action: "ec2:CreateTags", resource, conditions: { "ec2:CreateAction": action } };
  return [made, withTags(tagging, tags)];
}

function withTags(permission: Permission, given: Tags): Permission {
  const keys = Object.keys(given);
  if (keys.length === 0) return permission;
  const requested = Object.entries(given).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    ...permission,
    conditions: { ...permission.conditions, ...Object.fromEntries(requested), "aws:TagKeys": keys },
  };
}

/** On something that is there, by its id; its tags are condition keys. What is not there has none. */
function to(action: string, id: string | undefined = "*", at: At): Permission {
  const { type, tags, name = id } = known(id, at);
  const conditions = Object.entries(tags).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`ec2:ResourceTag/${key}`, value],
  ]);
  return { action: `ec2:${action}`, resource: arn(type, name, at), conditions: Object.fromEntries(conditions) };
}

interface Known {
  readonly type: string;
  readonly tags: Tags;
  /** What its ARN ends with, where that is not its id. */
  readonly name?: string;
}

function known(id: string, { tables }: At): Known {
  const { instances, volumes, groups, addresses } = tables;
  if (id.startsWith("i-")) return { type: "instance", tags: instances.get(id)?.tags ?? {} };
  if (id.startsWith("vol-")) return { type: "volume", tags: volumes.get(id)?.tags ?? {} };
  if (id.startsWith("sg-")) return { type: "security-group", tags: groups.get(id)?.tags ?? {} };
  if (id.startsWith("eipalloc-")) return { type: "elastic-ip", tags: addresses.get(id)?.tags ?? {} };
  return id.startsWith("key-") ? knownKeyPair(id, tables) : { type: "*", tags: {} };
}

function knownKeyPair(id: string, tables: At["tables"]): Known {
  const pair = tables.keyPairs.list().find(({ row }) => row.id === id)?.row;
  return { type: "key-pair", tags: pair?.tags ?? {}, name: pair?.name ?? "*" };
}

function arn(type: string, id: string, { account, region }: At, owner = account): string {
  return formatArn({ service: "ec2", region, account: owner, resource: `${type}/${id}` });
}

/** AWS: without a group it is the VPC's own. */
function groupsOf(said: readonly string[] | undefined): readonly string[] {
  return said && said.length > 0 ? said : ["sg-*"];
}

const PARAMETER = /^resolve:ssm:(.+?)(?::\d+)?$/;

function imageId(said = "*"): string {
  return PARAMETER.test(said) ? "*" : said;
}

/** AWS: whoever launches by a parameter must be allowed to read it. "Reference AMIs using Systems Manager parameters", EC2 user guide. */
function parameterOf(said: string | undefined, { account, region }: At): Permission[] {
  const name = PARAMETER.exec(said ?? "")?.[1];
  if (name === undefined) return [];
  // AWS: public parameters are nobody's: their ARNs have no account.
  const owner = name.startsWith("/aws/") ? "" : account;
  const resource = formatArn({
    service: "ssm",
    region,
    account: owner,
    resource: `parameter/${name.replace(/^\//, "")}`,
  });
  return [{ action: "ssm:GetParameters", resource }];
}
