import type { CreateModelPackageInput } from "@aws-sdk/client-sagemaker";
import { type Context, table, tableKey } from "#kernel";
import { tagTables } from "../tags.ts";

export interface GroupRow {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly created: string;
  /** The number that the next version gets: numbers are never given twice. */
  next: number;
}

/** A model package, keyed by group and zero-padded version, or by its own name under an empty group. */
export interface PackageRow {
  readonly arn: string;
  readonly group?: string;
  readonly version?: number;
  readonly name: string;
  readonly created: string;
  modified?: string;
  approval?: string;
  approvalDescription?: string;
  customer: Readonly<Record<string, string>>;
  /** What it was made of, as it was given. */
  readonly input: Omit<CreateModelPackageInput, "Tags" | "CustomerMetadataProperties" | "ModelApprovalStatus">;
}

export const registryTables = { groups: table<GroupRow>(), packages: table<PackageRow>(), ...tagTables };

export type RegistryContext = Context<typeof registryTables>;

export function packageKey(row: Pick<PackageRow, "group" | "version" | "name">): string {
  return row.group === undefined ? tableKey("", row.name) : tableKey(row.group, String(row.version).padStart(9, "0"));
}

/** The versions of a group, oldest first. */
export function packagesOf(ctx: RegistryContext, group: string): PackageRow[] {
  return ctx.tables.packages.list({ prefix: tableKey(group, "") }).map(({ row }) => row);
}
