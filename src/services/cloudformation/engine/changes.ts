import { type ChangeRow, type Goal, resourcesOf, type StackRow } from "../state.ts";
import { changedProperties, propertiesOf, type StackContext, toWork, type Work } from "./work.ts";

/** What carrying out a goal would do. Values that only a new resource will have count as changed. */
export function changesTo(ctx: StackContext, stack: StackRow, goal: Goal): ChangeRow[] {
  const work = toWork(ctx, stack, goal);
  const rows = new Map(resourcesOf(ctx.tables, stack.id).map((row) => [row.logicalId, row]));
  const changes: ChangeRow[] = [];
  const fresh = new Set<string>();
  for (const logicalId of work.wanted) {
    const change = changeOf(work, { logicalId, row: rows.get(logicalId), fresh });
    if (!change) continue;
    if (change.action === "Add" || change.replacement === "True") fresh.add(logicalId);
    changes.push(change);
  }
  for (const row of rows.values()) {
    if (work.wanted.includes(row.logicalId)) continue;
    changes.push({
      action: "Remove",
      logicalId: row.logicalId,
      physicalId: row.physicalId,
      type: row.type,
      properties: [],
    });
  }
  return changes;
}

interface Candidate {
  readonly logicalId: string;
  readonly row: ReturnType<typeof resourcesOf>[number] | undefined;
  /** Resources that will be new: what refers to them is not known yet. */
  readonly fresh: ReadonlySet<string>;
}

function changeOf(work: Work, { logicalId, row, fresh }: Candidate): ChangeRow | undefined {
  const type = work.template.resources[logicalId]?.Type ?? "";
  if (!row) return { action: "Add", logicalId, type, properties: [] };
  const changed = changedProperties(row.properties, propertiesOf(knowingNot(work, fresh), logicalId));
  if (changed.length === 0 && row.type === type) return undefined;
  const handler = work.ctx.kernel.resourceHandler(type);
  const replaced = row.type !== type || !handler?.update || changed.some((name) => handler.replaceOn.includes(name));
  return {
    action: "Modify",
    logicalId,
    physicalId: row.physicalId,
    type,
    replacement: replaced ? "True" : "False",
    properties: changed,
  };
}

/** A scope in which resources that are still to be made answer with a mark instead of failing. */
function knowingNot(work: Work, fresh: ReadonlySet<string>): Work {
  const unknown = new Proxy({}, { get: () => "{{known after the change}}" }) as Record<string, string>;
  const resource: Work["scope"]["resource"] = (id) =>
    fresh.has(id) ? { physicalId: `{{${id}: known after the change}}`, attributes: unknown } : work.scope.resource(id);
  return { ...work, scope: { ...work.scope, resource } };
}
