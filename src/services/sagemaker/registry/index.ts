import type { Permissions } from "#kernel";
import { nameIn, sagemakerArn } from "../arns.ts";
import { groups } from "./groups.ts";
import { packages } from "./packages.ts";

export { registryResources } from "./cloudformation.ts";
export { registryTables } from "./state.ts";

export const registryOperations = { ...groups, ...packages };

type At = { readonly account: string; readonly region: string };

const groupArn = (name: string, at: At) => sagemakerArn(at, "model-package-group", nameIn("model-package-group", name));
const packageArn = (name: string, at: At) => (name.startsWith("arn:") ? name : sagemakerArn(at, "model-package", name));
const onGroup = (action: string) => (input: { readonly ModelPackageGroupName: string }, at: At) => ({
  action: `sagemaker:${action}`,
  resource: groupArn(input.ModelPackageGroupName, at),
});
const onPackage = (action: string, name: string, at: At) => ({
  action: `sagemaker:${action}`,
  resource: packageArn(name, at),
});

export const registryPermissions: Permissions<"sagemaker"> = {
  CreateModelPackageGroup: onGroup("CreateModelPackageGroup"),
  DescribeModelPackageGroup: onGroup("DescribeModelPackageGroup"),
  DeleteModelPackageGroup: onGroup("DeleteModelPackageGroup"),
  CreateModelPackage: (input, at) => [
    // AWS: the version is not known yet, so the action is on all versions of the group.
    onPackage("CreateModelPackage", input.ModelPackageName ?? `${input.ModelPackageGroupName ?? ""}/*`, at),
    ...(input.ModelPackageGroupName === undefined
      ? []
      : [{ action: "sagemaker:CreateModelPackage", resource: groupArn(input.ModelPackageGroupName, at) }]),
  ],
  DescribeModelPackage: (input, at) => onPackage("DescribeModelPackage", input.ModelPackageName, at),
  UpdateModelPackage: (input, at) => onPackage("UpdateModelPackage", input.ModelPackageArn, at),
  DeleteModelPackage: (input, at) => onPackage("DeleteModelPackage", input.ModelPackageName, at),
  ListModelPackages: (input, at) => ({
    action: "sagemaker:ListModelPackages",
    resource: input.ModelPackageGroupName === undefined ? "*" : groupArn(input.ModelPackageGroupName, at),
  }),
};
