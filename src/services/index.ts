import type { AnyService } from "#kernel";
import { apigateway } from "./apigateway/index.ts";
import { applicationAutoscaling } from "./application-autoscaling/index.ts";
import { cloudformation } from "./cloudformation/index.ts";
import { cloudwatch } from "./cloudwatch/index.ts";
import { ec2 } from "./ec2/index.ts";
import { events } from "./events/index.ts";
import { iam } from "./iam/index.ts";
import { lambda } from "./lambda/index.ts";
import { logs } from "./logs/index.ts";
import { s3 } from "./s3/index.ts";
import { sagemaker, sagemakerRuntime } from "./sagemaker/index.ts";
import { secretsmanager } from "./secretsmanager/index.ts";
import { serviceQuotas } from "./service-quotas/index.ts";
import { sts } from "./sts/index.ts";

export { hasRuntime, requirePython } from "./sagemaker/index.ts";

/** The registry: every emulated service, in the order in which they start. */
export const services: readonly AnyService[] = [
  iam,
  sts,
  s3,
  logs,
  cloudwatch,
  events,
  lambda,
  apigateway,
  ec2,
  sagemaker,
  sagemakerRuntime,
  applicationAutoscaling,
  secretsmanager,
  serviceQuotas,
  cloudformation,
];
