/** Every name that a project's things have in AWS: lower case, because ARNs are and IAM compares text. */
export interface Names {
  readonly stack: string;
  readonly pipeline: string;
  readonly group: string;
  readonly endpoint: string;
  readonly bucket: string;
  /** `aws`, but for China and GovCloud. */
  readonly partition: string;
  readonly functions: Readonly<Record<FunctionName | "batch", string>>;
  role(of: string): string;
  /** An address inside the project's part of the bucket. */
  key(...path: readonly string[]): string;
  uri(...path: readonly string[]): string;
}

/** Functions that have a package of their own; `batch` lies in that of `extract`, whose readers it uses. */
export type FunctionName = "extract" | "predict" | "deploy";
export const FUNCTIONS: readonly FunctionName[] = ["extract", "predict", "deploy"];

export interface Place {
  readonly account: string;
  readonly region: string;
}

export function namesOf(project: string, place: Place): Names {
  const bucket = bucketOf(place);
  const key = (...path: readonly string[]) => [project, ...path].join("/");
  return {
    stack: project,
    pipeline: project,
    group: project,
    endpoint: project,
    bucket,
    partition: partitionOf(place.region),
    functions: {
      extract: `${project}-extract`,
      predict: `${project}-predict`,
      deploy: `${project}-deploy`,
      batch: `${project}-batch`,
    },
    // Roles belong to the account, stacks to a region: two regions may hold the same project.
    role: (of) => `${project}-${of}-${place.region}`,
    key,
    uri: (...path) => `s3://${bucket}/${key(...path)}`,
  };
}

export function partitionOf(region: string): string {
  return region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** The name of a project in one of its stages: a stage is a stack of its own. */
export function stagedName(project: string, stage: string | undefined): string {
  return stage === undefined ? project : `${project}-${stage}`;
}

/** One for all projects of an account and region; made before any stack, because functions' code must lie there first. */
export function bucketOf(place: Place): string {
  return `cauce-${place.account}-${place.region}`;
}
