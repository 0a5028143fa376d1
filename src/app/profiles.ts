/** Where a project can go. */
export type TargetName = "embedded" | "aws" | "ec2";

/** What differs between targets, all of it: everything else is the same code. docs/targets.md shows this table. */
export interface Profile {
  readonly name: TargetName;
  /** As people are told. */
  readonly says: string;
  /** `own`: those of this home's server, never the surroundings'. `chain`: AWS's usual one (variables, profile, SSO, role). */
  readonly credentials: "own" | "chain";
  /** Account and region are shown, and confirmed, before the first change. */
  readonly confirms: boolean;
  /** What the functions' native code runs on: this machine, Lambda's Linux, or what the server there says. */
  readonly functionPlatform: "here" | "linux-x64" | "there";
  /** What runs costs money: `plan` shows how much. */
  readonly costs: boolean;
  /** `destroy` keeps the tables that were uploaded, and says how to remove them. */
  readonly keepsData: boolean;
}

export const PROFILES: Readonly<Record<TargetName, Profile>> = {
  embedded: {
    name: "embedded",
    says: "the AWS that runs in this home, on this machine",
    credentials: "own",
    confirms: false,
    functionPlatform: "here",
    costs: false,
    keepsData: false,
  },
  aws: {
    name: "aws",
    says: "AWS, in the account and region of the usual credentials",
    credentials: "chain",
    confirms: true,
    functionPlatform: "linux-x64",
    costs: true,
    keepsData: true,
  },
  ec2: {
    name: "ec2",
    says: "one instance in that account and region, with the whole of Cauce on it",
    credentials: "chain",
    confirms: true,
    functionPlatform: "there",
    costs: true,
    keepsData: false,
  },
};

export const TARGETS = Object.keys(PROFILES) as readonly TargetName[];
