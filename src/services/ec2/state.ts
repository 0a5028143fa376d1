import { table } from "#kernel";

type Tags = Readonly<Record<string, string>>;

/** A key pair, keyed by its name. The private half is given out once and kept nowhere. */
export interface KeyPairRow {
  readonly id: string;
  readonly name: string;
  readonly type: "rsa" | "ed25519";
  readonly fingerprint: string;
  /** As OpenSSH writes it, in one line. */
  readonly publicKey: string;
  readonly created: string;
  readonly tags: Tags;
}

/** One rule of a security group: one protocol, one range of ports, one peer. */
export interface RuleRow {
  readonly id: string;
  /** `tcp`, `udp`, `icmp`, a number, or `-1` for everything. */
  readonly protocol: string;
  readonly from?: number;
  readonly to?: number;
  /** Exactly one of these. */
  readonly cidr?: string;
  readonly cidr6?: string;
  readonly group?: string;
  readonly description?: string;
}

/** A security group, keyed by its id. */
export interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly ingress: readonly RuleRow[];
  readonly egress: readonly RuleRow[];
  readonly tags: Tags;
}

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** An instance, of whatever region, keyed by its id. */
export interface InstanceRow {
  readonly id: string;
  readonly region: string;
  readonly reservation: string;
  readonly state: InstanceState;
  /** Since when it is in this state. */
  readonly since: string;
  readonly imageId: string;
  readonly type: string;
  readonly keyName?: string;
  readonly groups: readonly string[];
  /** The ARN of the instance profile. */
  readonly profile?: string;
  /** Base64, as it was given. */
  readonly userData?: string;
  readonly clientToken?: string;
  readonly launched: string;
  readonly zone: string;
  /** A loopback address of its own. */
  readonly address: string;
  /** What its processes show to be given the role's credentials. */
  readonly secret: string;
  /** Whether the boot script has come to its end. */
  readonly booted: boolean;
  readonly reason?: { readonly code: string; readonly message: string };
  readonly terminationProtected: boolean;
  readonly tags: Tags;
}

/** A volume, keyed by its id: a folder of this machine. */
export interface VolumeRow {
  readonly id: string;
  readonly size: number;
  readonly zone: string;
  readonly type: string;
  readonly encrypted: boolean;
  readonly created: string;
  readonly attachment?: { readonly instance: string; readonly device: string; readonly at: string };
  readonly tags: Tags;
}

/** An address, keyed by its allocation. */
export interface AddressRow {
  readonly id: string;
  readonly address: string;
  readonly association?: { readonly id: string; readonly instance: string };
  readonly tags: Tags;
}

export const ec2Tables = {
  keyPairs: table<KeyPairRow>(),
  groups: table<GroupRow>(),
  // One table for all regions: after a restart those that ran are found without knowing which regions were used.
  instances: table<InstanceRow>({ scope: "account" }),
  volumes: table<VolumeRow>(),
  addresses: table<AddressRow>(),
};

export type Ec2Tables = typeof ec2Tables;
