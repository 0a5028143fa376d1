import type { IpPermission, IpRange, Ipv6Range, UserIdGroupPair } from "@aws-sdk/client-ec2";
import { invalid, missing, notBuilt } from "./faults.ts";
import type { RuleRow } from "./state.ts";

export type Rule = Omit<RuleRow, "id">;

const PROTOCOLS: Readonly<Record<string, string>> = { "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6" };

export const ALL_TRAFFIC: Rule = { protocol: "-1", cidr: "0.0.0.0/0" };

/** What a request says of rules, by `IpPermissions` or in one rule's own parameters, as single rules. */
export function rulesOf(input: {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
}): Rule[] {
  const { IpProtocol, FromPort, ToPort, CidrIp } = input;
  const own = IpProtocol === undefined ? [] : [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
  const all = [...(input.IpPermissions ?? []), ...own];
  if (all.length === 0) throw missing("ipPermissions");
  return all.flatMap(flatten);
}

function flatten(permission: IpPermission): Rule[] {
  const said = permission.IpProtocol;
  if (said === undefined) throw missing("ipProtocol");
  if (permission.PrefixListIds?.length) throw notBuilt("prefix lists in security groups");
  const protocol = PROTOCOLS[said] ?? said.toLowerCase();
  const ports = portsOf(protocol, permission);
  const described = (text: string | undefined) => (text === undefined ? {} : { description: text });
  const rules = [
    ...(permission.IpRanges ?? []).map((one) => ({ cidr: requireCidr(one.CidrIp), ...described(one.Description) })),
    ...(permission.Ipv6Ranges ?? []).map((one) => ({
      cidr6: requireCidr(one.CidrIpv6),
      ...described(one.Description),
    })),
    ...(permission.UserIdGroupPairs ?? []).map((one) => ({ group: one.GroupId ?? "", ...described(one.Description) })),
  ];
  if (rules.length === 0) throw missing("ipRanges");
  return rules.map((rule) => ({ protocol, ...ports, ...rule }));
}

function portsOf(protocol: string, { FromPort: from, ToPort: to }: IpPermission): { from?: number; to?: number } {
  if (protocol === "-1") return {};
  if (from === undefined || to === undefined) {
    if (protocol !== "tcp" && protocol !== "udp") return {};
    throw invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  }
  const outside = [from, to].some((port) => port < (protocol.startsWith("icmp") ? -1 : 0) || port > 65_535);
  if (outside || (from > to && !protocol.startsWith("icmp"))) {
    throw invalid(
      `Invalid value '${from}' for portRange. The ports must be between 0 and 65535, the first not above the last.`,
    );
  }
  return { from, to };
}

function requireCidr(text: string | undefined): string {
  if (text !== undefined && /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]+)\/\d{1,3}$/i.test(text)) return text;
  throw invalid(`CIDR block ${text ?? ""} is malformed`);
}

export function isSameRule(a: Rule, b: Rule): boolean {
  return a.protocol === b.protocol && a.from === b.from && a.to === b.to && peerOf(a) === peerOf(b);
}

function peerOf(rule: Rule): string {
  return rule.cidr ?? rule.cidr6 ?? rule.group ?? "";
}

/** As AWS names a rule in its faults. */
export function describeRule(rule: Rule): string {
  const ports = rule.from === undefined ? "ALL" : `from port: ${rule.from}, to port: ${rule.to}`;
  return `peer: ${peerOf(rule)}, ${rule.protocol === "-1" ? "ALL" : `${rule.protocol.toUpperCase()}, ${ports}`}, ALLOW`;
}

interface Shown extends IpPermission {
  IpRanges: IpRange[];
  Ipv6Ranges: Ipv6Range[];
  UserIdGroupPairs: UserIdGroupPair[];
}

/** AWS: rules of one protocol and range of ports are shown as one permission. */
export function toPermissions(rules: readonly RuleRow[], account: string): IpPermission[] {
  const merged = new Map<string, Shown>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.from} ${rule.to}`;
    const permission: Shown = merged.get(key) ?? {
      IpProtocol: rule.protocol,
      ...(rule.from !== undefined && { FromPort: rule.from, ToPort: rule.to }),
      IpRanges: [],
      Ipv6Ranges: [],
      UserIdGroupPairs: [],
      PrefixListIds: [],
    };
    merged.set(key, permission);
    const described = rule.description === undefined ? {} : { Description: rule.description };
    if (rule.cidr !== undefined) permission.IpRanges.push({ CidrIp: rule.cidr, ...described });
    if (rule.cidr6 !== undefined) permission.Ipv6Ranges.push({ CidrIpv6: rule.cidr6, ...described });
    if (rule.group !== undefined)
      permission.UserIdGroupPairs.push({ GroupId: rule.group, UserId: account, ...described });
  }
  return [...merged.values()];
}
