import { formatArn } from "#core";
import type { Handlers, InputOf } from "#kernel";
import { notBuilt, validation } from "../faults.ts";
import { pageOf } from "../page.ts";
import {
  assertNamespace,
  findTarget,
  requireScalable,
  requireTarget,
  saveTarget,
  SERVICE,
  serviceRoleArn,
} from "../scalable.ts";
import { findVariant, setCapacity } from "../scale.ts";
import { requireScaler } from "../scaler.ts";
import {
  type AutoscalingContext,
  type AutoscalingTables,
  DIMENSION,
  NAMESPACE,
  policyKey,
  targetKey,
  type TargetRow,
} from "../state.ts";
import { alarmsOf, deleteAlarms } from "../tracking-alarms.ts";

type Input = InputOf<"application-autoscaling", "RegisterScalableTarget">;

export const targets = {
  async RegisterScalableTarget(input, ctx) {
    const scalable = requireScalable(input);
    const before = findTarget(ctx, scalable.resourceId);
    const bounds = boundsOf(input, before);
    await assertAllowed(ctx, scalable);
    const { suspended } = before ?? { suspended: { in: false, out: false, scheduled: false } };
    const asked = input.SuspendedState;
    const row: TargetRow = {
      ...(before ?? {
        ...scalable,
        region: ctx.region,
        arn: targetArn(ctx),
        createdAt: ctx.now().toISOString(),
        tags: input.Tags ?? {},
      }),
      ...bounds,
      suspended: {
        in: asked?.DynamicScalingInSuspended ?? suspended.in,
        out: asked?.DynamicScalingOutSuspended ?? suspended.out,
        scheduled: asked?.ScheduledScalingSuspended ?? suspended.scheduled,
      },
    };
    saveTarget(ctx, row);
    bringWithin(ctx, row);
    return { ScalableTargetARN: row.arn };
  },

  async DescribeScalableTargets(input, ctx) {
    assertNamespace(input.ServiceNamespace);
    await requireScaler(ctx.kernel).round();
    const found = ctx.tables.targets
      .list({ prefix: targetKey(ctx.region, "") })
      .map(({ row }) => row)
      .filter(({ resourceId }) => !input.ResourceIds?.length || input.ResourceIds.includes(resourceId));
    const { rows, next } = pageOf(
      input.ScalableDimension === undefined || input.ScalableDimension === DIMENSION ? found : [],
      input,
    );
    return { ScalableTargets: rows.map((row) => toTarget(ctx, row)), ...next };
  },

  /** AWS: its policies go with it, and their alarms. */
  async DeregisterScalableTarget(input, ctx) {
    const { resourceId } = requireScalable(input);
    requireTarget(ctx, resourceId);
    const policies = ctx.tables.policies.list({ prefix: policyKey(ctx.region, resourceId, "") });
    await deleteAlarms(
      ctx,
      policies.flatMap(({ row }) => alarmsOf(row)),
    );
    ctx.kernel.transaction(() => {
      for (const { key } of policies) ctx.tables.policies.delete(key);
      ctx.tables.targets.delete(targetKey(ctx.region, resourceId));
    });
    return {};
  },
} satisfies Handlers<"application-autoscaling", AutoscalingTables>;

function boundsOf(input: Input, before: TargetRow | undefined): { minimum: number; maximum: number } {
  const minimum = input.MinCapacity ?? before?.minimum;
  const maximum = input.MaxCapacity ?? before?.maximum;
  if (minimum === undefined || maximum === undefined) {
    const name = minimum === undefined ? "MinCapacity" : "MaxCapacity";
    throw validation(`${name} must be specified when registering a new scalable target`);
  }
  if (minimum === 0) throw notBuilt("MinCapacity 0: an endpoint with instances keeps at least one here");
  if (minimum < 0 || maximum < 0) throw validation("Minimum and maximum capacity must not be negative");
  if (minimum > maximum) throw validation("Maximum capacity cannot be less than minimum capacity");
  return { minimum, maximum };
}

/**
 * AWS: whoever registers needs what the service will do with it, and for the first one to make its role.
 * "Required permissions" in the SageMaker developer guide's prerequisites of auto scaling.
 */
async function assertAllowed(ctx: AutoscalingContext, { endpoint, variant }: Pick<TargetRow, "endpoint" | "variant">) {
  const found = await ctx.call("sagemaker", "DescribeEndpoint", { EndpointName: endpoint });
  const scaled = found.ProductionVariants?.find(({ VariantName }) => VariantName === variant);
  if (!scaled) throw validation(`Variant ${variant} of endpoint ${endpoint} was not found.`);
  if (scaled.CurrentServerlessConfig) {
    throw validation(`Variant ${variant} of endpoint ${endpoint} is serverless: it has no instances to scale.`);
  }
  const resource = found.EndpointArn ?? "*";
  await ctx.authorize({ action: "sagemaker:UpdateEndpointWeightsAndCapacities", resource });
  if (ctx.tables.targets.count() > 0) return;
  await ctx.authorize({
    action: "iam:CreateServiceLinkedRole",
    resource: serviceRoleArn(ctx),
    conditions: { "iam:AWSServiceName": SERVICE },
  });
}

/** AWS: a capacity outside of the bounds is brought within, whatever the policies say. */
function bringWithin(ctx: AutoscalingContext, row: TargetRow): void {
  ctx.kernel.tasks.run(`application-autoscaling: ${row.resourceId}`, async () => {
    const variant = await findVariant(ctx, row);
    if (!variant) return;
    if (variant.instances < row.minimum) {
      await setCapacity(ctx, row, row.minimum, `minimum capacity was set to ${row.minimum}`);
    } else if (variant.instances > row.maximum) {
      await setCapacity(ctx, row, row.maximum, `maximum capacity was set to ${row.maximum}`);
    }
  });
}

function targetArn(ctx: AutoscalingContext): string {
  const { account, region } = ctx;
  const resource = `scalable-target/${ctx.kernel.ids.token(36)}`;
  return formatArn({ service: "application-autoscaling", region, account, resource });
}

function toTarget(ctx: AutoscalingContext, row: TargetRow) {
  return {
    ServiceNamespace: NAMESPACE,
    ResourceId: row.resourceId,
    ScalableDimension: DIMENSION,
    MinCapacity: row.minimum,
    MaxCapacity: row.maximum,
    RoleARN: serviceRoleArn(ctx),
    CreationTime: new Date(row.createdAt),
    SuspendedState: {
      DynamicScalingInSuspended: row.suspended.in,
      DynamicScalingOutSuspended: row.suspended.out,
      ScheduledScalingSuspended: row.suspended.scheduled,
    },
    ScalableTargetARN: row.arn,
  } as const;
}
