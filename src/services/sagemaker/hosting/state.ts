import { type Context, type InputOf, table, tableKey } from "#kernel";
import { tagTables } from "../tags.ts";

type Given<Operation extends "CreateModel" | "CreateEndpointConfig"> = Omit<InputOf<"sagemaker", Operation>, "Tags">;

export interface ModelRow {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: string;
  /** What it was made of, as it was given. */
  readonly input: Given<"CreateModel">;
}

export interface EndpointConfigRow {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: string;
  readonly input: Given<"CreateEndpointConfig">;
}

export type EndpointStatus = "Creating" | "Updating" | "InService" | "Deleting" | "Failed";

export interface EndpointRow {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly status: EndpointStatus;
  /** What it serves; while it is being made, what it shall serve. */
  readonly configName: string;
  /** An update keeps weights and numbers of instances of what serves. */
  readonly retains?: boolean;
  /** What an update shall bring. */
  readonly nextConfigName?: string;
  readonly failureReason?: string;
  readonly createdAt: string;
  readonly modifiedAt: string;
  /** Seconds for which the old fleet is kept after an update. */
  readonly terminationWait?: number;
  readonly variants: readonly VariantRow[];
}

/** A variant as it is served: independent of what happens to the model and its data afterwards. */
export interface VariantRow {
  readonly name: string;
  readonly weight: number;
  readonly instances: number;
  /** What UpdateEndpointWeightsAndCapacities is about to bring. */
  readonly desired?: { readonly weight: number; readonly instances: number };
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The model's data, a blob of hosting's own. */
  readonly modelData?: string;
  /** Likewise the code, when the environment says that it lies in S3 by itself. */
  readonly code?: string;
  readonly role?: string;
  /** Without instances: it runs while it is asked. */
  readonly serverless?: Serverless;
  /** The container reaches nothing but its socket. */
  readonly isolated?: boolean;
  /** Seconds in which the container must be ready. */
  readonly startupSeconds?: number;
}

export interface Serverless {
  readonly memory: number;
  readonly concurrency: number;
  /** So many stay warm. */
  readonly provisioned?: number;
}

/** Keyed by lower-case names: ARNs are, too. Endpoints of all regions are in one table, because all are loaded at start. */
export const hostingTables = {
  models: table<ModelRow>(),
  endpointConfigs: table<EndpointConfigRow>(),
  endpoints: table<EndpointRow>({ scope: "account" }),
  ...tagTables,
};

export type HostingContext = Context<typeof hostingTables>;

/** The blobs that variants hold. */
export function blobsOf(variants: readonly Pick<VariantRow, "modelData" | "code">[]): string[] {
  return variants.flatMap(({ modelData, code }) => [modelData, code].filter((id) => id !== undefined));
}

export function endpointKey(region: string, name: string): string {
  return tableKey(region, name.toLowerCase());
}
