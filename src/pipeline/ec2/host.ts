import { bucketOf, type Place } from "../names.ts";

/** One server for all projects of an account and a region; a capital in its name, so that no project can have it. */
export const HOST_STACK = "CauceHost";

/** Where its things lie in the assets bucket; no project's name begins like this. */
export const HOST_PREFIX = "_host/";

/** The public parameter that names its image. AWS: the newest Amazon Linux 2023. "Reference the latest AMIs", AL2023 user guide. */
export const HOST_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/** What somebody can choose of the instance. */
export interface HostSettings {
  readonly type: string;
  /** The availability zone: instance and volume must share it. */
  readonly zone: string;
  /** The default VPC. */
  readonly vpc: string;
  /** A key pair, for SSH. */
  readonly key?: string;
  /** Who may try it, as a CIDR block; without it the port stays closed. */
  readonly sshFrom?: string;
  /** Of the volume that the state is on, in GiB. */
  readonly gigabytes: number;
}

/** Everything that the template of a host is made of. */
export interface HostInput extends HostSettings {
  readonly place: Place;
  /** The digest of the package that is installed. */
  readonly packageDigest: string;
}

export function packageKey(digest: string): string {
  return `${HOST_PREFIX}package/${digest}.tgz`;
}

export function hostPlace(place: Place): { readonly bucket: string; readonly prefix: string } {
  return { bucket: bucketOf(place), prefix: HOST_PREFIX };
}
