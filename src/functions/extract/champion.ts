import { AwsAnswer, type Caller } from "#aws";
import { isRecord } from "#core";

/** The model data of the newest approved version; without one, an address where a marker lies. */
export async function championUri(
  aws: Caller,
  settings: { readonly group: string; readonly noChampionUri: string },
): Promise<string> {
  const none = `${settings.noChampionUri}/`;
  let answer: Record<string, unknown>;
  try {
    answer = await aws.json("sagemaker", "ListModelPackages", {
      ModelPackageGroupName: settings.group,
      ModelApprovalStatus: "Approved",
      SortBy: "CreationTime",
      SortOrder: "Descending",
      MaxResults: 1,
    });
  } catch (error) {
    if (error instanceof AwsAnswer && /does not exist/i.test(error.message)) return none;
    throw error;
  }
  const [newest] = (answer["ModelPackageSummaryList"] as unknown[] | undefined) ?? [];
  if (!isRecord(newest)) return none;
  const found = await aws.json("sagemaker", "DescribeModelPackage", { ModelPackageName: newest["ModelPackageArn"] });
  const specification = isRecord(found["InferenceSpecification"]) ? found["InferenceSpecification"] : {};
  const [container] = (specification["Containers"] as unknown[] | undefined) ?? [];
  return isRecord(container) && typeof container["ModelDataUrl"] === "string" ? container["ModelDataUrl"] : none;
}
