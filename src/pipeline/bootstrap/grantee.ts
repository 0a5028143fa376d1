import { partitionOf, type Place } from "../names.ts";

/** A statement of the policy of who deploys. */
export interface Granted {
  readonly id: string;
  /** What the commands ask for, and CloudFormation on their behalf: a test sees each of them used. */
  readonly actions: readonly string[];
  /** What only AWS asks for, and what is asked for when something fails or a package has changed. */
  readonly besides?: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Grantee {
  readonly place: Place;
  /** One project and its stages; every project when not given. */
  readonly project?: string | undefined;
  /** Its table, when that is in a bucket of its own: `s3://…`. */
  readonly source?: string | undefined;
  /** Whether that is a database in a VPC. */
  readonly vpc?: boolean | undefined;
}

/** A project's own name, and what its stages are called. */
export function own({ project }: Grantee): readonly string[] {
  return project === undefined ? ["*"] : [project, `${project}-*`];
}

/** What derives from the name. */
export function derived({ project }: Grantee): string {
  return project === undefined ? "*" : `${project}-*`;
}

export function arns({ place }: Grantee, service: string, resources: readonly string[]): string[] {
  return resources.map((one) => `arn:${partitionOf(place.region)}:${service}:${place.region}:${place.account}:${one}`);
}
