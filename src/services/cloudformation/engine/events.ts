import { tableKey } from "#kernel";
import type { ResourceRow, StackRow } from "../state.ts";
import type { StackContext } from "./work.ts";

const STACK_TYPE = "AWS::CloudFormation::Stack";

/** Moves the stack to a status, durably, and writes the event that AWS writes. */
export function setStackStatus(ctx: StackContext, stack: StackRow, status: string, reason?: string): void {
  stack.status = status;
  if (reason === undefined) delete stack.statusReason;
  else stack.statusReason = reason;
  ctx.kernel.transaction(() => {
    ctx.tables.stacks.put(stack.id, stack);
    record(ctx, stack, { logicalId: stack.name, physicalId: stack.id, type: STACK_TYPE, status, reason });
  });
}

/** Writes down where a resource is, durably, with its event. */
export function setResourceStatus(ctx: StackContext, stack: StackRow, row: ResourceRow, reason?: string): void {
  if (reason !== undefined) row.statusReason = reason;
  else delete row.statusReason;
  row.updated = ctx.now().toISOString();
  ctx.kernel.transaction(() => {
    ctx.tables.resources.put(tableKey(stack.id, row.logicalId), row);
    recordResource(ctx, stack, row, { status: row.status, reason });
  });
}

/** Writes an event of a resource without changing what is known of it. */
export function recordResource(
  ctx: StackContext,
  stack: StackRow,
  row: ResourceRow,
  event: { readonly status: string; readonly reason?: string | undefined },
): void {
  const { logicalId, physicalId, type, properties } = row;
  const { status, reason } = event;
  record(ctx, stack, { logicalId, physicalId, type, status, reason, properties: JSON.stringify(properties) });
}

interface Happening {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly properties?: string;
}

let sequence = 0;

function record(ctx: StackContext, stack: StackRow, { reason, ...happening }: Happening): void {
  const at = ctx.now().toISOString();
  // Several events share a millisecond; the sequence keeps them in order.
  const order = String(sequence++ % 1_000_000).padStart(6, "0");
  ctx.tables.events.put(tableKey(stack.id, at, order), {
    id: ctx.kernel.ids.uuid(),
    stackId: stack.id,
    stackName: stack.name,
    at,
    ...happening,
    ...(reason !== undefined && { reason }),
    ...(stack.clientToken !== undefined && { token: stack.clientToken }),
  });
}
