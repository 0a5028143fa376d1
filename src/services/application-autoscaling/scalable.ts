import { formatArn } from "#core";
import { notBuilt, targetNotFound, validation } from "./faults.ts";
import { type AutoscalingContext, DIMENSION, NAMESPACE, targetKey, type TargetRow } from "./state.ts";

/** How the operations name what is scaled. */
export interface Named {
  readonly ServiceNamespace: string | undefined;
  readonly ResourceId: string | undefined;
  readonly ScalableDimension?: string | undefined;
}

/** The only kind of target here: the instances of an endpoint's variant. Others are refused by their names. */
export function requireScalable(named: Named): { resourceId: string; endpoint: string; variant: string } {
  const { ServiceNamespace: namespace, ResourceId: resourceId = "", ScalableDimension: dimension } = named;
  assertNamespace(namespace);
  if (dimension !== DIMENSION) throw notBuilt(`the scalable dimension ${dimension ?? "(none)"}`);
  const [, endpoint, variant] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(resourceId) ?? [];
  if (endpoint === undefined || variant === undefined) {
    throw validation(`Unsupported service namespace, resource type or scalable dimension: ${resourceId}`);
  }
  return { resourceId, endpoint, variant };
}

export function assertNamespace(namespace: string | undefined): void {
  if (namespace !== NAMESPACE)
    throw notBuilt(`the service namespace ${namespace ?? "(none)"}: only endpoints are scaled here`);
}

export function findTarget(ctx: AutoscalingContext, resourceId: string): TargetRow | undefined {
  return ctx.tables.targets.get(targetKey(ctx.region, resourceId));
}

export function requireTarget(ctx: AutoscalingContext, resourceId: string): TargetRow {
  const row = findTarget(ctx, resourceId);
  if (!row) throw targetNotFound(resourceId, DIMENSION);
  return row;
}

export function saveTarget(ctx: AutoscalingContext, row: TargetRow): void {
  ctx.tables.targets.put(targetKey(row.region, row.resourceId), row);
}

interface Place {
  readonly account: string;
  readonly region: string;
}

/** AWS: the role that Application Auto Scaling acts as for endpoints. */
export function serviceRoleArn({ account }: Pick<Place, "account">): string {
  return formatArn({
    service: "iam",
    region: "",
    account,
    resource: `role/aws-service-role/${SERVICE}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
  });
}

export const SERVICE = "sagemaker.application-autoscaling.amazonaws.com";
