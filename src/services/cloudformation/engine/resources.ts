import { messageOf } from "#core";
import { AwsFault } from "#protocol";
import type { ResourceHandler } from "#kernel";
import { notBuilt } from "../faults.ts";
import { dropResource, putResource, type ResourceRow, type StackRow } from "../state.ts";
import { dependenciesOf } from "../template/order.ts";
import { recordResource, setResourceStatus } from "./events.ts";
import { changedProperties, propertiesOf, resourceContext, type StackContext, type Work } from "./work.ts";

/** The key under which the old one of a replaced resource waits for its removal. */
const REPLACED = "#replaced";

export class ResourceFailure extends Error {
  readonly logicalId: string;
  constructor(logicalId: string, cause: unknown) {
    super(reasonOf(cause), { cause });
    this.logicalId = logicalId;
  }
}

/** Makes, changes or replaces one resource, or leaves it alone when nothing about it changes. */
export async function bringAbout(work: Work, logicalId: string, before: ResourceRow | undefined): Promise<void> {
  const declaration = work.template.resources[logicalId];
  if (!declaration) throw new Error(`${logicalId} is not in the template.`);
  try {
    const handler = requireHandler(work.ctx, declaration.Type);
    const properties = propertiesOf(work, logicalId);
    const fresh: ResourceRow = {
      logicalId,
      type: declaration.Type,
      physicalId: "",
      attributes: {},
      properties,
      dependsOn: dependenciesOf(work.template, declaration),
      status: "CREATE_IN_PROGRESS",
      updated: "",
      deletionPolicy: declaration.DeletionPolicy ?? "Delete",
    };
    if (!before || before.status === "CREATE_FAILED") return await create(work, handler, fresh);
    const changed = changedProperties(before.properties, properties);
    if (before.type === fresh.type && changed.length === 0) return keep(work, before, fresh);
    const inPlace = before.type === fresh.type && !changed.some((name) => handler.replaceOn.includes(name));
    if (inPlace && handler.update) return await update(work, handler, { before, fresh });
    await replace(work, handler, { before, fresh });
  } catch (error) {
    throw new ResourceFailure(logicalId, error);
  }
}

async function create(work: Work, handler: ResourceHandler, row: ResourceRow): Promise<void> {
  const { ctx, stack } = work;
  setResourceStatus(ctx, stack, row);
  try {
    const made = await handler.create(row.properties, resourceContext(work, row.logicalId));
    Object.assign(row, { physicalId: made.physicalId, attributes: made.attributes, status: "CREATE_COMPLETE" });
    setResourceStatus(ctx, stack, row);
  } catch (error) {
    row.status = "CREATE_FAILED";
    setResourceStatus(ctx, stack, row, reasonOf(error));
    throw error;
  }
}

/** What the template says about it may have changed without its properties: order, deletion policy. */
function keep({ ctx, stack }: Work, before: ResourceRow, fresh: ResourceRow): void {
  putResource(ctx.tables, stack.id, { ...before, dependsOn: fresh.dependsOn, deletionPolicy: fresh.deletionPolicy });
}

interface Change {
  readonly before: ResourceRow;
  readonly fresh: ResourceRow;
}

async function update(work: Work, handler: ResourceHandler, { before, fresh }: Change): Promise<void> {
  const { ctx, stack } = work;
  const row = { ...before, status: "UPDATE_IN_PROGRESS" };
  setResourceStatus(ctx, stack, row);
  try {
    const at = resourceContext(work, row.logicalId);
    const { physicalId, attributes } = before;
    const changed = await handler.update?.(fresh.properties, before.properties, { physicalId, attributes }, at);
    Object.assign(row, fresh, changed, { status: "UPDATE_COMPLETE" });
    setResourceStatus(ctx, stack, row);
  } catch (error) {
    row.status = "UPDATE_FAILED";
    setResourceStatus(ctx, stack, row, reasonOf(error));
    throw error;
  }
}

async function replace(work: Work, handler: ResourceHandler, { before, fresh }: Change): Promise<void> {
  const { ctx, stack } = work;
  const reason = "Requested update requires the creation of a new physical resource; hence creating one.";
  const row = { ...fresh, status: "UPDATE_IN_PROGRESS" };
  recordResource(ctx, stack, before, { status: row.status, reason });
  try {
    const made = await handler.create(fresh.properties, resourceContext(work, fresh.logicalId));
    Object.assign(row, { physicalId: made.physicalId, attributes: made.attributes, status: "UPDATE_COMPLETE" });
    ctx.kernel.transaction(() => {
      putResource(ctx.tables, stack.id, { ...before, logicalId: before.logicalId + REPLACED });
      setResourceStatus(ctx, stack, row);
    });
  } catch (error) {
    setResourceStatus(ctx, stack, { ...before, status: "UPDATE_FAILED" }, reasonOf(error));
    throw error;
  }
}

/** Deletes one resource that the stack no longer wants. */
export async function remove({ ctx, stack }: Pick<Work, "ctx" | "stack">, row: ResourceRow): Promise<void> {
  if (row.deletionPolicy === "Retain" || row.physicalId === "") {
    const status = row.physicalId === "" ? "DELETE_COMPLETE" : "DELETE_SKIPPED";
    recordResource(ctx, stack, row, { status });
    dropResource(ctx.tables, stack.id, row.logicalId);
    return;
  }
  const deleting = { ...row, status: "DELETE_IN_PROGRESS" };
  setResourceStatus(ctx, stack, deleting);
  try {
    const at = resourceContext({ ctx, stack }, withoutMark(row.logicalId));
    await requireHandler(ctx, row.type).delete(row, row.properties, at);
  } catch (error) {
    deleting.status = "DELETE_FAILED";
    setResourceStatus(ctx, stack, deleting, reasonOf(error));
    throw new ResourceFailure(row.logicalId, error);
  }
  recordResource(ctx, stack, row, { status: "DELETE_COMPLETE" });
  dropResource(ctx.tables, stack.id, row.logicalId);
}

export function isReplaced(row: ResourceRow): boolean {
  return row.logicalId.endsWith(REPLACED);
}

/** Puts the old one of a replaced resource back in its place; gives what took it. */
export function putBack(
  { ctx, stack }: { ctx: StackContext; stack: StackRow },
  old: ResourceRow,
  current: ResourceRow | undefined,
) {
  ctx.kernel.transaction(() => {
    putResource(ctx.tables, stack.id, { ...old, logicalId: withoutMark(old.logicalId) });
    dropResource(ctx.tables, stack.id, old.logicalId);
  });
  return current;
}

export function withoutMark(logicalId: string): string {
  return logicalId.endsWith(REPLACED) ? logicalId.slice(0, -REPLACED.length) : logicalId;
}

function requireHandler(ctx: StackContext, type: string): ResourceHandler {
  const handler = ctx.kernel.resourceHandler(type);
  if (handler) return handler;
  throw notBuilt(`the resource type ${type}`);
}

/** AWS: "sentence (Service: S3, Status Code: 409, Request ID: …)"; ours leaves out the ids. */
export function reasonOf(error: unknown): string {
  return error instanceof AwsFault ? `${error.message} (Code: ${error.code})` : messageOf(error);
}
