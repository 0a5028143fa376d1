import { type Clients, isAwsError } from "#aws";

/** A version of the model: a model package of the project's group. */
export interface Version {
  readonly arn: string;
  readonly number: number;
  readonly approval: string;
  readonly created: Date | undefined;
}

/** Undefined when it has been removed. */
export async function findVersion(aws: Clients, ModelPackageName: string): Promise<Version | undefined> {
  try {
    const found = await (await aws.sagemaker()).describeModelPackage({ ModelPackageName });
    return {
      arn: found.ModelPackageArn ?? ModelPackageName,
      number: found.ModelPackageVersion ?? 0,
      approval: found.ModelApprovalStatus ?? "",
      created: found.CreationTime,
    };
  } catch (error) {
    if (isAwsError(error, "ValidationException")) return undefined;
    throw error;
  }
}

/** The newest first; empty when there is no such group. */
export async function listVersions(aws: Clients, ModelPackageGroupName: string): Promise<readonly Version[]> {
  const versions: Version[] = [];
  let NextToken: string | undefined;
  try {
    do {
      const page = await (
        await aws.sagemaker()
      ).listModelPackages({
        ModelPackageGroupName,
        SortBy: "CreationTime",
        SortOrder: "Descending",
        MaxResults: 100,
        ...(NextToken !== undefined && { NextToken }),
      });
      for (const found of page.ModelPackageSummaryList ?? []) {
        versions.push({
          arn: found.ModelPackageArn ?? "",
          number: found.ModelPackageVersion ?? 0,
          approval: found.ModelApprovalStatus ?? "",
          created: found.CreationTime,
        });
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  } catch (error) {
    if (!(isAwsError(error, "ValidationException", "ResourceNotFound") && /not.*exist|not.*found/i.test(error.message)))
      throw error;
  }
  return versions;
}
