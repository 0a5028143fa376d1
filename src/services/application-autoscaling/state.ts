import { type Context, type InputOf, table, tableKey } from "#kernel";

/** A variant of an endpoint whose number of instances may be changed, and between which bounds. */
export interface TargetRow {
  readonly region: string;
  readonly resourceId: string;
  readonly endpoint: string;
  readonly variant: string;
  readonly arn: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly suspended: { readonly in: boolean; readonly out: boolean; readonly scheduled: boolean };
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The last time that instances were added, and to how many. */
  readonly scaledOut?: { readonly at: number; readonly from: number };
  /** The last time that some were taken away. */
  readonly scaledInAt?: number;
  /** The minute of the datapoint that was last acted upon: it says nothing about the instances since. */
  readonly actedOn?: number;
}

export type TargetTracking = NonNullable<
  InputOf<"application-autoscaling", "PutScalingPolicy">["TargetTrackingScalingPolicyConfiguration"]
>;

export interface PolicyRow {
  readonly region: string;
  readonly resourceId: string;
  readonly name: string;
  readonly arn: string;
  readonly configuration: TargetTracking;
  readonly alarms: { readonly high: AlarmName; readonly low?: AlarmName };
  readonly createdAt: string;
}

export interface AlarmName {
  readonly name: string;
  readonly arn: string;
}

export interface ActivityRow {
  readonly id: string;
  readonly resourceId: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly status: "InProgress" | "Successful" | "Failed";
  readonly message?: string;
}

/** Targets and policies of all regions are in one table each: all are looked at. */
export const autoscalingTables = {
  targets: table<TargetRow>({ scope: "account" }),
  policies: table<PolicyRow>({ scope: "account" }),
  activities: table<ActivityRow>(),
};

export type AutoscalingTables = typeof autoscalingTables;
export type AutoscalingContext = Context<AutoscalingTables>;

export const NAMESPACE = "sagemaker";
export const DIMENSION = "sagemaker:variant:DesiredInstanceCount";

export function targetKey(region: string, resourceId: string): string {
  return tableKey(region, resourceId);
}

export function policyKey(region: string, resourceId: string, name: string): string {
  return tableKey(region, resourceId, name);
}
