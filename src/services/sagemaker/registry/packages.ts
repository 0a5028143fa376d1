import type { DescribeModelPackageOutput } from "@aws-sdk/client-sagemaker";
import type { Handlers } from "#kernel";
import { emit } from "../events.ts";
import { sagemakerArn } from "../arns.ts";
import { notBuilt, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import { dropTags, putTags } from "../tags.ts";
import { requireGroup } from "./groups.ts";
import { packageKey, packagesOf, type PackageRow, type RegistryContext, type registryTables } from "./state.ts";

export const packages = {
  async CreateModelPackage(input, ctx) {
    const { Tags, CustomerMetadataProperties, ModelApprovalStatus, ...rest } = input;
    if (input.SourceAlgorithmSpecification) throw notBuilt("SourceAlgorithmSpecification of CreateModelPackage");
    if (input.ValidationSpecification) throw notBuilt("ValidationSpecification of CreateModelPackage");
    if (!input.InferenceSpecification)
      throw validation("InferenceSpecification is required to create a model package.");
    const row: PackageRow = {
      ...identify(ctx, input),
      created: ctx.now().toISOString(),
      customer: CustomerMetadataProperties ?? {},
      input: rest,
    };
    if (row.group !== undefined) row.approval = ModelApprovalStatus ?? "PendingManualApproval";
    ctx.kernel.transaction(() => {
      ctx.tables.packages.put(packageKey(row), row);
      const group = row.group === undefined ? undefined : ctx.tables.groups.get(row.group);
      if (group) ctx.tables.groups.put(group.name, { ...group, next: group.next + 1 });
    });
    putTags(ctx.tables, row.arn, Tags);
    await announce(ctx, row);
    return { ModelPackageArn: row.arn };
  },

  DescribeModelPackage(input, ctx) {
    return toDescription(requirePackage(ctx, input.ModelPackageName));
  },

  ListModelPackages(input, ctx) {
    const rows =
      input.ModelPackageGroupName === undefined
        ? ctx.tables.packages.list().map(({ row }) => row)
        : packagesOf(ctx, requireGroup(ctx, input.ModelPackageGroupName).name);
    const wanted = rows.filter(
      ({ approval }) => input.ModelApprovalStatus === undefined || approval === input.ModelApprovalStatus,
    );
    const { rows: found, next } = pageOf(wanted, input, ({ name, created }) => ({ name, created }));
    return { ModelPackageSummaryList: found.map(toSummary), ...next };
  },

  async UpdateModelPackage(input, ctx) {
    const row = requirePackage(ctx, input.ModelPackageArn);
    const approvalChanges = input.ModelApprovalStatus !== undefined && input.ModelApprovalStatus !== row.approval;
    if (input.ModelApprovalStatus !== undefined) row.approval = input.ModelApprovalStatus;
    if (input.ApprovalDescription !== undefined) row.approvalDescription = input.ApprovalDescription;
    const removed = new Set(input.CustomerMetadataPropertiesToRemove ?? []);
    row.customer = Object.fromEntries(
      Object.entries({ ...row.customer, ...input.CustomerMetadataProperties }).filter(([key]) => !removed.has(key)),
    );
    row.modified = ctx.now().toISOString();
    ctx.tables.packages.put(packageKey(row), row);
    if (approvalChanges) await announce(ctx, row);
    return { ModelPackageArn: row.arn };
  },

  DeleteModelPackage(input, ctx) {
    const row = requirePackage(ctx, input.ModelPackageName);
    ctx.tables.packages.delete(packageKey(row));
    dropTags(ctx.tables, row.arn);
    return {};
  },
} satisfies Handlers<"sagemaker", typeof registryTables>;

function identify(
  ctx: RegistryContext,
  input: { readonly ModelPackageName?: string | undefined; readonly ModelPackageGroupName?: string | undefined },
): Pick<PackageRow, "arn" | "group" | "version" | "name"> {
  const { ModelPackageName: name, ModelPackageGroupName: groupName } = input;
  if ((name === undefined) === (groupName === undefined)) {
    throw validation("Either ModelPackageName or ModelPackageGroupName must be given, not both.");
  }
  if (groupName !== undefined) {
    const group = requireGroup(ctx, groupName);
    const version = group.next;
    const arn = sagemakerArn(ctx, "model-package", `${group.name}/${version}`);
    return { arn, group: group.name, version, name: `${group.name}/${version}` };
  }
  const arn = sagemakerArn(ctx, "model-package", name ?? "");
  if (ctx.tables.packages.get(packageKey({ name: name ?? "" })))
    throw validation(`Model Package already exists: ${arn}`);
  return { arn, name: name ?? "" };
}

/** By ARN, by name, or by `group/version`. */
export function requirePackage(ctx: RegistryContext, nameOrArn: string): PackageRow {
  const wanted = nameOrArn.startsWith("arn:") ? nameOrArn : sagemakerArn(ctx, "model-package", nameOrArn);
  const found = ctx.tables.packages.list().find(({ row }) => row.arn === wanted)?.row;
  if (found) return found;
  throw validation(`ModelPackage ${wanted} does not exist.`);
}

/** AWS: "SageMaker Model Package State Change"; the members as in the EventBridge page of the SageMaker guide. */
async function announce(ctx: RegistryContext, row: PackageRow): Promise<void> {
  const detail = {
    ...(row.group !== undefined && { ModelPackageGroupName: row.group, ModelPackageVersion: row.version }),
    ModelPackageName: row.name,
    ModelPackageArn: row.arn,
    CreationTime: new Date(row.created).getTime(),
    ModelPackageStatus: "Completed",
    ...(row.approval !== undefined && { ModelApprovalStatus: row.approval }),
    InferenceSpecification: row.input.InferenceSpecification,
    CustomerMetadataProperties: row.customer,
    Tags: ctx.tables.tags.get(row.arn) ?? {},
  };
  await emit(ctx, "SageMaker Model Package State Change", detail, [row.arn]);
}

function toSummary(row: PackageRow) {
  return {
    ...(row.group === undefined
      ? { ModelPackageName: row.name }
      : { ModelPackageGroupName: row.group, ModelPackageVersion: row.version }),
    ModelPackageArn: row.arn,
    ...(row.input.ModelPackageDescription !== undefined && {
      ModelPackageDescription: row.input.ModelPackageDescription,
    }),
    CreationTime: new Date(row.created),
    ModelPackageStatus: "Completed" as const,
    ...(row.approval !== undefined && { ModelApprovalStatus: row.approval as "Approved" }),
  };
}

function toDescription(row: PackageRow): DescribeModelPackageOutput {
  const { ClientToken: _token, CertifyForMarketplace, ...input } = row.input;
  return {
    ...input,
    ...toSummary(row),
    ModelPackageName: row.name,
    ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
    CertifyForMarketplace: CertifyForMarketplace ?? false,
    ...(row.approvalDescription !== undefined && { ApprovalDescription: row.approvalDescription }),
    ...(row.modified !== undefined && { LastModifiedTime: new Date(row.modified) }),
    CustomerMetadataProperties: { ...row.customer },
  };
}
