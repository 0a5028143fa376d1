import { type Handlers, tableKey } from "#kernel";
import { pageOf } from "../page.ts";
import { assertNamespace } from "../scalable.ts";
import { requireScaler } from "../scaler.ts";
import { type AutoscalingTables, DIMENSION, NAMESPACE } from "../state.ts";

export const activities = {
  async DescribeScalingActivities(input, ctx) {
    assertNamespace(input.ServiceNamespace);
    await requireScaler(ctx.kernel).round();
    if (input.ScalableDimension !== undefined && input.ScalableDimension !== DIMENSION)
      return { ScalingActivities: [] };
    const prefix = input.ResourceId === undefined ? "" : tableKey(input.ResourceId, "");
    // AWS: the newest first.
    const found = ctx.tables.activities
      .list({ prefix })
      .map(({ row }) => row)
      .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    const { rows, next } = pageOf(found, input);
    return {
      ScalingActivities: rows.map((row) => ({
        ActivityId: row.id,
        ServiceNamespace: NAMESPACE,
        ResourceId: row.resourceId,
        ScalableDimension: DIMENSION,
        Description: row.description,
        Cause: row.cause,
        StartTime: new Date(row.startedAt),
        ...(row.endedAt !== undefined && { EndTime: new Date(row.endedAt) }),
        StatusCode: row.status,
        ...(row.message !== undefined && { StatusMessage: row.message }),
      })),
      ...next,
    };
  },
} satisfies Handlers<"application-autoscaling", AutoscalingTables>;
