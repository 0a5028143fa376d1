import type { Handlers } from "#kernel";
import { nameIn, sagemakerArn } from "../arns.ts";
import { conflict, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import { dropTags, putTags } from "../tags.ts";
import { type GroupRow, packagesOf, type RegistryContext, type registryTables } from "./state.ts";

export const groups = {
  CreateModelPackageGroup(input, ctx) {
    const name = input.ModelPackageGroupName;
    const arn = sagemakerArn(ctx, "model-package-group", name);
    if (ctx.tables.groups.get(name)) {
      throw validation(`Model Package Group already exists: ${arn}`);
    }
    ctx.tables.groups.put(name, {
      name,
      arn,
      ...(input.ModelPackageGroupDescription !== undefined && { description: input.ModelPackageGroupDescription }),
      created: ctx.now().toISOString(),
      next: 1,
    });
    putTags(ctx.tables, arn, input.Tags);
    return { ModelPackageGroupArn: arn };
  },

  DescribeModelPackageGroup(input, ctx) {
    const row = requireGroup(ctx, input.ModelPackageGroupName);
    return { ...toSummary(row), CreatedBy: {} };
  },

  ListModelPackageGroups(input, ctx) {
    const rows = ctx.tables.groups.list().map(({ row }) => row);
    const { rows: found, next } = pageOf(rows, input, (row) => row);
    return { ModelPackageGroupSummaryList: found.map(toSummary), ...next };
  },

  DeleteModelPackageGroup(input, ctx) {
    const row = requireGroup(ctx, input.ModelPackageGroupName);
    if (packagesOf(ctx, row.name).length > 0) {
      throw conflict(`Model Package Group cannot be deleted because it still contains Model Packages: ${row.arn}`);
    }
    ctx.tables.groups.delete(row.name);
    dropTags(ctx.tables, row.arn);
    return {};
  },
} satisfies Handlers<"sagemaker", typeof registryTables>;

export function requireGroup(ctx: RegistryContext, nameOrArn: string): GroupRow {
  const row = ctx.tables.groups.get(nameIn("model-package-group", nameOrArn));
  if (row) return row;
  throw validation(`ModelPackageGroup ${sagemakerArn(ctx, "model-package-group", nameOrArn)} does not exist.`);
}

function toSummary(row: GroupRow) {
  return {
    ModelPackageGroupName: row.name,
    ModelPackageGroupArn: row.arn,
    ...(row.description !== undefined && { ModelPackageGroupDescription: row.description }),
    CreationTime: new Date(row.created),
    ModelPackageGroupStatus: "Completed" as const,
  };
}
