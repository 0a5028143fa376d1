import { rootPrincipal, type Context } from "#kernel";
import { sagemakerArn } from "../arns.ts";
import { emit } from "../events.ts";
import { inProgress, notFound } from "./faults.ts";
import { endpointKey, type EndpointRow, type EndpointStatus, type HostingContext } from "./state.ts";

export function findEndpoint(ctx: HostingContext, name: string): EndpointRow | undefined {
  return ctx.tables.endpoints.get(endpointKey(ctx.region, name));
}

export function requireEndpoint(ctx: HostingContext, name: string): EndpointRow {
  const row = findEndpoint(ctx, name);
  if (!row) throw notFound("endpoint", sagemakerArn(ctx, "endpoint", name));
  return row;
}

/** AWS: an endpoint is not touched while it is being made or changed. */
export function assertSettled(row: EndpointRow): void {
  if (row.status !== "InService" && row.status !== "Failed") throw inProgress(row.arn);
}

export function saveEndpoint(ctx: HostingContext, row: Omit<EndpointRow, "modifiedAt">): EndpointRow {
  const saved = { ...row, modifiedAt: ctx.now().toISOString() };
  ctx.tables.endpoints.put(endpointKey(row.region, row.name), saved);
  return saved;
}

/** A context for work that goes on after its request was answered. */
export function inBackground(ctx: Pick<Context, "kernel" | "account">, region: string): HostingContext {
  // The kernel gives a context of the service that it is asked for; only its static type does not know which.
  return ctx.kernel.context("sagemaker", rootPrincipal(ctx.account), region) as unknown as HostingContext;
}

/** AWS: events spell the statuses in their own way. */
const IN_EVENTS: Readonly<Record<EndpointStatus, string>> = {
  Creating: "CREATING",
  Updating: "UPDATING",
  InService: "IN_SERVICE",
  Deleting: "DELETING",
  Failed: "FAILED",
};

/** AWS: "Amazon SageMaker endpoint state change" in the developer guide's page on EventBridge events. */
export async function emitEndpointState(ctx: HostingContext, row: EndpointRow): Promise<void> {
  const detail = {
    EndpointName: row.name,
    EndpointArn: row.arn,
    EndpointConfigName: row.configName,
    ProductionVariants: row.variants.map(({ name, weight, instances, desired }) => ({
      VariantName: name,
      CurrentWeight: weight,
      DesiredWeight: desired?.weight ?? weight,
      CurrentInstanceCount: instances,
      DesiredInstanceCount: desired?.instances ?? instances,
    })),
    EndpointStatus: IN_EVENTS[row.status],
    ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
    CreationTime: new Date(row.createdAt).getTime(),
    LastModifiedTime: new Date(row.modifiedAt).getTime(),
    Tags: ctx.tables.tags.get(row.arn) ?? {},
  };
  await emit(ctx, "SageMaker Endpoint State Change", detail, [row.arn]);
}
