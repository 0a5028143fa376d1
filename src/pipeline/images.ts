import { CauceError, closest } from "#core";

/** AWS's own XGBoost image in a region. */
export function xgboostImage(region: string): string {
  const account = REGISTRIES[region];
  if (account === undefined) {
    const meant = closest(region, Object.keys(REGISTRIES));
    throw new CauceError({
      code: "RegionWithoutImage",
      what: `AWS has no XGBoost image in ${region}.`,
      why: "The default image is one of AWS's own, and those are in some regions only.",
      fix:
        meant === undefined
          ? "Choose another region, or set `train.image`."
          : `Did you mean ${meant}? Otherwise set \`train.image\`.`,
    });
  }
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `${account}.dkr.ecr.${region}.${suffix}/sagemaker-xgboost:3.2-0`;
}

/** The ECR repository that an image lies in, for the policy of who pulls it; undefined when the image is not in ECR. */
export function repositoryOf(
  image: string,
): { readonly account: string; readonly region: string; readonly repository: string } | undefined {
  const match = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/([^:@]+)/.exec(image);
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  return { account: match[1], region: match[2], repository: match[3] };
}

/** AWS: the accounts that publish `sagemaker-xgboost`, by region, as in the image configuration of SageMaker's Python SDK. */
const REGISTRIES: Readonly<Record<string, string>> = {
  "af-south-1": "510948584623",
  "ap-east-1": "651117190479",
  "ap-northeast-1": "354813040037",
  "ap-northeast-2": "366743142698",
  "ap-northeast-3": "867004704886",
  "ap-south-1": "720646828776",
  "ap-south-2": "628508329040",
  "ap-southeast-1": "121021644041",
  "ap-southeast-2": "783357654285",
  "ap-southeast-3": "951798379941",
  "ap-southeast-4": "106583098589",
  "ca-central-1": "341280168497",
  "ca-west-1": "190319476487",
  "cn-north-1": "450853457545",
  "cn-northwest-1": "451049120500",
  "eu-central-1": "492215442770",
  "eu-central-2": "680994064768",
  "eu-north-1": "662702820516",
  "eu-south-1": "978288397137",
  "eu-south-2": "104374241257",
  "eu-west-1": "141502667606",
  "eu-west-2": "764974769150",
  "eu-west-3": "659782779980",
  "il-central-1": "898809789911",
  "me-central-1": "272398656194",
  "me-south-1": "801668240914",
  "sa-east-1": "737474898029",
  "us-east-1": "683313688378",
  "us-east-2": "257758044811",
  "us-gov-east-1": "237065988967",
  "us-gov-west-1": "414596584902",
  "us-west-1": "746614075791",
  "us-west-2": "246618743249",
};
