import type { Handlers, InputOf } from "#kernel";
import { sagemakerArn } from "../../arns.ts";
import { notBuilt } from "../../faults.ts";
import { pageOf } from "../../page.ts";
import { dropTags, putTags } from "../../tags.ts";
import { deleteModelData, startDeployment } from "../deploy.ts";
import {
  assertSettled,
  emitEndpointState,
  findEndpoint,
  inBackground,
  requireEndpoint,
  saveEndpoint,
} from "../endpoint-rows.ts";
import { alreadyExists, failedEndpoint, notConvertible } from "../faults.ts";
import { endpoints as live } from "../fleet.ts";
import {
  type EndpointConfigRow,
  endpointKey,
  type EndpointRow,
  type HostingContext,
  type hostingTables,
} from "../state.ts";
import { requireEndpointConfig } from "./endpoint-configs.ts";

export const endpoints = {
  async CreateEndpoint(input, ctx) {
    const arn = sagemakerArn(ctx, "endpoint", input.EndpointName);
    const wait = toTerminationWait(input.DeploymentConfig);
    if (findEndpoint(ctx, input.EndpointName)) throw alreadyExists("endpoint", arn);
    const config = requireEndpointConfig(ctx, input.EndpointConfigName);
    const row = ctx.kernel.transaction(() => {
      putTags(ctx.tables, arn, input.Tags);
      return saveEndpoint(ctx, {
        name: input.EndpointName,
        arn,
        region: ctx.region,
        status: "Creating",
        configName: config.name,
        createdAt: ctx.now().toISOString(),
        variants: [],
        ...wait,
      });
    });
    await emitEndpointState(ctx, row);
    startDeployment(ctx, row.name);
    return { EndpointArn: arn };
  },

  async UpdateEndpoint(input, ctx) {
    if (input.ExcludeRetainedVariantProperties?.length) throw notBuilt("ExcludeRetainedVariantProperties");
    const retain = input.RetainAllVariantProperties ? { retains: true } : {};
    const wait = toTerminationWait(input.DeploymentConfig);
    const before = requireEndpoint(ctx, input.EndpointName);
    const config = requireEndpointConfig(ctx, input.EndpointConfigName);
    assertSettled(before);
    if (before.status === "Failed") throw failedEndpoint(before.arn);
    if (isServerless(config) && !before.variants.some(({ serverless }) => serverless)) throw notConvertible(before.arn);
    const { failureReason: _, ...kept } = before;
    const row = saveEndpoint(ctx, { ...kept, status: "Updating", nextConfigName: config.name, ...wait, ...retain });
    await emitEndpointState(ctx, row);
    startDeployment(ctx, row.name);
    return { EndpointArn: row.arn };
  },

  DescribeEndpoint(input, ctx) {
    const row = requireEndpoint(ctx, input.EndpointName);
    return {
      EndpointName: row.name,
      EndpointArn: row.arn,
      EndpointConfigName: row.configName,
      ...(row.variants.length > 0 && { ProductionVariants: row.variants.map((variant) => toVariant(variant, row)) }),
      EndpointStatus: row.status,
      ...(row.nextConfigName !== undefined && {
        PendingDeploymentSummary: { EndpointConfigName: row.nextConfigName, StartTime: new Date(row.modifiedAt) },
      }),
      ...(row.failureReason !== undefined && { FailureReason: row.failureReason }),
      CreationTime: new Date(row.createdAt),
      LastModifiedTime: new Date(row.modifiedAt),
    };
  },

  ListEndpoints(input, ctx) {
    const all = ctx.tables.endpoints.list({ prefix: endpointKey(ctx.region, "") }).map(({ row }) => row);
    const { rows, next } = pageOf(all, input, (row) => ({ ...row, created: row.createdAt, modified: row.modifiedAt }));
    const Endpoints = rows.map((row) => ({
      EndpointName: row.name,
      EndpointArn: row.arn,
      CreationTime: new Date(row.createdAt),
      LastModifiedTime: new Date(row.modifiedAt),
      EndpointStatus: row.status,
    }));
    return { Endpoints, ...next };
  },

  async DeleteEndpoint(input, ctx) {
    const before = requireEndpoint(ctx, input.EndpointName);
    if (before.status === "Deleting") return {};
    assertSettled(before);
    const row = saveEndpoint(ctx, { ...before, status: "Deleting" });
    await emitEndpointState(ctx, row);
    startDeletion(ctx, row);
    return {};
  },
} satisfies Handlers<"sagemaker", typeof hostingTables>;

/** Ends what serves, after what it has begun; then nothing is left of the endpoint. */
export function startDeletion({ kernel, account }: Pick<HostingContext, "kernel" | "account">, row: EndpointRow): void {
  const ctx = inBackground({ kernel, account }, row.region);
  const here = kernel.live(live).close(account, row.region, row.name);
  for (const controller of here?.work ?? []) controller.abort();
  kernel.tasks.run(`delete endpoint ${row.name}`, async () => {
    await here?.fleet?.stop();
    await deleteModelData(ctx, row.variants);
    kernel.transaction(() => {
      ctx.tables.endpoints.delete(endpointKey(row.region, row.name));
      dropTags(ctx.tables, row.arn);
    });
  });
}

function isServerless({ input }: EndpointConfigRow): boolean {
  return input.ProductionVariants.some(({ ServerlessConfig: config }) => config !== undefined);
}

function toVariant(variant: EndpointRow["variants"][number], { modifiedAt }: EndpointRow) {
  const { name, image, weight, instances, serverless, desired } = variant;
  return {
    VariantName: name,
    DeployedImages: [{ SpecifiedImage: image, ResolvedImage: image, ResolutionTime: new Date(modifiedAt) }],
    CurrentWeight: weight,
    DesiredWeight: desired?.weight ?? weight,
    CurrentInstanceCount: instances,
    DesiredInstanceCount: desired?.instances ?? instances,
    ...(serverless && {
      CurrentServerlessConfig: {
        MemorySizeInMB: serverless.memory,
        MaxConcurrency: serverless.concurrency,
        ...(serverless.provisioned !== undefined && { ProvisionedConcurrency: serverless.provisioned }),
      },
    }),
  };
}

type DeploymentConfig = InputOf<"sagemaker", "CreateEndpoint">["DeploymentConfig"];

function toTerminationWait(config: DeploymentConfig): { terminationWait?: number } {
  if (!config) return {};
  if (config.RollingUpdatePolicy) throw notBuilt("rolling updates");
  if (config.AutoRollbackConfiguration?.Alarms?.length) throw notBuilt("rollback by alarms");
  const policy = config.BlueGreenUpdatePolicy;
  const type = policy?.TrafficRoutingConfiguration?.Type;
  if (type !== undefined && type !== "ALL_AT_ONCE") throw notBuilt(`${type} traffic shifting`);
  const wait = policy?.TerminationWaitInSeconds ?? 0;
  return wait > 0 ? { terminationWait: wait } : {};
}
