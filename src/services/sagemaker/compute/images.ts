import { CauceError } from "#core";

/** What runs in place of an image. */
export interface ImageRuntime {
  /** The file of requirements in `python/runtimes`, without its ending. */
  readonly runtime: string;
  /** The built-in algorithm that the image is when no script is named. */
  readonly algorithm: "xgboost" | "linear-learner";
}

/** AWS: these tags are one image, in an account per region. docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths */
const IMAGES: Readonly<Record<string, ImageRuntime>> = {
  "sagemaker-xgboost:3.2-0": { runtime: "sagemaker-xgboost-3.2-0", algorithm: "xgboost" },
  "sagemaker-xgboost:3.2-0-cpu-py3": { runtime: "sagemaker-xgboost-3.2-0", algorithm: "xgboost" },
  "sagemaker-xgboost:3.0-5": { runtime: "sagemaker-xgboost-3.0-5", algorithm: "xgboost" },
  "sagemaker-xgboost:3.0-5-cpu-py3": { runtime: "sagemaker-xgboost-3.0-5", algorithm: "xgboost" },
  "linear-learner:1": { runtime: "sagemaker-xgboost-3.2-0", algorithm: "linear-learner" },
  "linear-learner:latest": { runtime: "sagemaker-xgboost-3.2-0", algorithm: "linear-learner" },
};

const ECR =
  /^\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+)(?::([\w.-]+))?(?:@sha256:[0-9a-f]{64})?$/;

export function findImage(uri: string): ImageRuntime | undefined {
  const [, repository, tag] = ECR.exec(uri) ?? [];
  return repository === undefined ? undefined : IMAGES[`${repository}:${tag ?? "latest"}`];
}

export function requireImage(uri: string): ImageRuntime {
  const found = findImage(uri);
  if (found) return found;
  throw new CauceError({
    code: "ImageNotSupported",
    what: `The image ${uri} does not run here.`,
    why: "Images are not containers here but Python environments, made for the images that are known.",
    fix: `Use one of: ${Object.keys(IMAGES).join(", ")} (as <account>.dkr.ecr.<region>.amazonaws.com/<image>).`,
  });
}
