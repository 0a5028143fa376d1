import { tableKey } from "#kernel";
import type { ActivityRow, AutoscalingContext, TargetRow } from "./state.ts";

/** Of one target; AWS keeps six weeks. */
const KEPT = 200;

export function saveActivity(ctx: AutoscalingContext, row: ActivityRow): void {
  const { activities } = ctx.tables;
  activities.put(tableKey(row.resourceId, row.startedAt, row.id), row);
  const prefix = tableKey(row.resourceId, "");
  const extra = activities.count(prefix) - KEPT;
  if (extra > 0) for (const { key } of activities.list({ prefix, limit: extra })) activities.delete(key);
}

/** AWS: its sentences, as DescribeScalingActivities shows them in the developer guide of SageMaker. */
export function newActivity(ctx: AutoscalingContext, target: TargetRow, capacity: number, cause: string): ActivityRow {
  return {
    id: ctx.kernel.ids.uuid(),
    resourceId: target.resourceId,
    description: `Setting desired instance count to ${capacity}.`,
    cause,
    startedAt: ctx.now().toISOString(),
    status: "InProgress",
  };
}
