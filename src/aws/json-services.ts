/** Services of one address and one header, by AWS's models: targetPrefix and jsonVersion. */
export const JSON_SERVICES = {
  sagemaker: { host: "api.sagemaker", signing: "sagemaker", target: "SageMaker", version: "1.1" },
  "application-autoscaling": {
    host: "application-autoscaling",
    signing: "application-autoscaling",
    target: "AnyScaleFrontendService",
    version: "1.1",
  },
  cloudwatch: { host: "monitoring", signing: "monitoring", target: "GraniteServiceVersion20100801", version: "1.0" },
  "service-quotas": {
    host: "servicequotas",
    signing: "servicequotas",
    target: "ServiceQuotasV20190624",
    version: "1.1",
  },
  secretsmanager: { host: "secretsmanager", signing: "secretsmanager", target: "secretsmanager", version: "1.1" },
} as const;

export type JsonService = keyof typeof JSON_SERVICES;
