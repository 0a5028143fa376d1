/** One thing that a request needs to be allowed. */
export interface Permission {
  /** e.g. `sagemaker:InvokeEndpoint` */
  readonly action: string;
  /** An ARN, or `*` where the action takes no resource. */
  readonly resource: string;
  /** Condition keys, e.g. `iam:PassedToService`. */
  readonly conditions?: Readonly<Record<string, string | readonly string[]>>;
}
