import { type Context, type InputOf, table, tableKey } from "#kernel";
import { hostingTables } from "../hosting/state.ts";
import { jobTables } from "../jobs/state.ts";

export type TransformRequest = Omit<InputOf<"sagemaker", "CreateTransformJob">, "Tags">;

/** Times are milliseconds since the epoch. */
export interface TransformRow {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly status: "InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped";
  readonly failureReason?: string;
  readonly created: number;
  readonly modified: number;
  readonly started?: number;
  readonly ended?: number;
  readonly request: TransformRequest;
}

/** Of the account, with the region in the key, so that a start finds what was running in every region. */
export const transformTables = { transformJobs: table<TransformRow>({ scope: "account" }) };

/** A transform job is made of a hosted model and of what jobs are made of. */
const around = { ...transformTables, ...hostingTables, ...jobTables };

export type AroundTransform = typeof around;
export type TransformContext = Context<AroundTransform>;

export function transformKey(region: string, name: string): string {
  return tableKey(region, name.toLowerCase());
}
