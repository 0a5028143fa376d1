/** A quota whose default AWS documents, or whose value in a new account is known from a public record. */
export interface KnownQuota {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly value: number;
  /** Where the value was read, and when. */
  readonly source: string;
}

/** The services of which a quota is known, as AWS calls them. */
export const SERVICES: Readonly<Record<string, string>> = {
  lambda: "AWS Lambda",
  sagemaker: "Amazon SageMaker",
};

const DEFAULTS = "GetAWSDefaultServiceQuota's answer, as a public course repository records it";
const NEW = "a new account's ListServiceQuotas, nothing ever asked for, as a public repository records it";

/**
 * What `plan` asks for, as far as a source gives it. AWS has some two thousand quotas of SageMaker; one that no source gives is not here,
 * and is answered as one that does not exist.
 */
export const QUOTAS: readonly KnownQuota[] = [
  {
    service: "lambda",
    code: "L-B99A9384",
    name: "Concurrent executions",
    value: 1000,
    source: "Lambda developer guide, Lambda quotas (a new account may have 10), 2026-11",
  },
  {
    service: "sagemaker",
    code: "L-236AE59F",
    name: "ml.m5.large for transform job usage",
    value: 0,
    source: `${NEW}, 2026-09-10`,
  },
  {
    service: "sagemaker",
    code: "L-611FA074",
    name: "ml.m5.large for training job usage",
    value: 0,
    source: `${DEFAULTS}, 2026-07-31`,
  },
  {
    service: "sagemaker",
    code: "L-614B09FD",
    name: "ml.m5.large for endpoint usage",
    value: 0,
    source: `${DEFAULTS}, 2026-07-31`,
  },
  {
    service: "sagemaker",
    code: "L-8541302D",
    name: "ml.m5.large for processing job usage",
    value: 0,
    source: `${NEW}, 2026-09`,
  },
  {
    service: "sagemaker",
    code: "L-96300102",
    name: "Maximum total concurrency that can be allocated across all serverless endpoints",
    value: 10,
    source: "AWS re:Post, total concurrency of Serverless Inference, and an account as a public repository records it",
  },
];
