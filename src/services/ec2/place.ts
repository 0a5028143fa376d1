import { sha256 } from "#core";

interface At {
  readonly account: string;
  readonly region: string;
}

export const CIDR = "172.31.0.0/16";

/** The account's default VPC. Its id follows from account and region: it is always there. */
export function vpcOf(at: At): string {
  return `vpc-${idOf(at, "vpc")}`;
}

export function defaultGroupOf(at: At): string {
  return `sg-${idOf(at, "default-group")}`;
}

export function zonesOf({ region }: At): readonly string[] {
  return ["a", "b", "c"].map((letter) => region + letter);
}

/** One default subnet a zone. */
export function subnetsOf(at: At): readonly { readonly id: string; readonly zone: string; readonly cidr: string }[] {
  return zonesOf(at).map((zone, i) => ({
    id: `subnet-${idOf(at, zone)}`,
    zone,
    cidr: `172.31.${i * 16}.0/20`,
  }));
}

function idOf({ account, region }: At, what: string): string {
  return sha256(`${account} ${region} ${what}`).slice(0, 17);
}
