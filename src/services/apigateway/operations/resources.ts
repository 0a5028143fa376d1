import { type Handlers, tableKey } from "#kernel";
import { badRequest, conflict, notFound, resourceNotFound } from "../faults.ts";
import { patch, type Patchable } from "../patch.ts";
import type { ApiTables, ResourceRow } from "../state.ts";
import { toMethod } from "../views.ts";
import { pageOf } from "./pages.ts";
import { type ApiContext, requireApi } from "./rest-apis.ts";

export const resources = {
  CreateResource(input, ctx) {
    requireApi(ctx, input.restApiId);
    const tree = treeOf(ctx, input.restApiId);
    const parent = tree.get(input.parentId);
    if (!parent) throw resourceNotFound();
    assertPart(tree, parent, input.pathPart);
    const row: ResourceRow = {
      id: ctx.kernel.ids.token(6),
      parentId: parent.id,
      pathPart: input.pathPart,
      methods: {},
    };
    putResource(ctx, input.restApiId, row);
    return toResource(row, tree.set(row.id, row), false);
  },

  GetResource(input, ctx) {
    const row = requireResource(ctx, input.restApiId, input.resourceId);
    return toResource(row, treeOf(ctx, input.restApiId), input.embed?.includes("methods") ?? false);
  },

  GetResources(input, ctx) {
    requireApi(ctx, input.restApiId);
    const tree = treeOf(ctx, input.restApiId);
    const sorted = Array.from(tree.values(), (row) => ({ row, path: pathOf(row, tree) })).sort((a, b) =>
      a.path < b.path ? -1 : 1,
    );
    const { items, position } = pageOf(sorted, input, ({ row }) => row.id);
    return {
      items: items.map(({ row }) => toResource(row, tree, input.embed?.includes("methods") ?? false)),
      ...position,
    };
  },

  UpdateResource(input, ctx) {
    const row = requireResource(ctx, input.restApiId, input.resourceId);
    const tree = treeOf(ctx, input.restApiId);
    const changed = patch(row, input.patchOperations, patchable);
    assertMove(changed, row, tree);
    putResource(ctx, input.restApiId, changed);
    return toResource(changed, tree.set(changed.id, changed), false);
  },

  DeleteResource(input, ctx) {
    const row = requireResource(ctx, input.restApiId, input.resourceId);
    if (row.parentId === undefined) throw badRequest("Root resource of a REST API cannot be deleted");
    const tree = treeOf(ctx, input.restApiId);
    ctx.kernel.transaction(() => {
      for (const { id } of subtree(row, tree)) ctx.tables.resources.delete(tableKey(input.restApiId, id));
    });
    return {};
  },
} satisfies Handlers<"apigateway", ApiTables>;

export type Tree = Map<string, ResourceRow>;

export function treeOf(ctx: ApiContext, api: string): Tree {
  return new Map(ctx.tables.resources.list({ prefix: tableKey(api, "") }).map(({ row }) => [row.id, row]));
}

export function requireResource(ctx: ApiContext, api: string, id: string): ResourceRow {
  const row = ctx.tables.resources.get(tableKey(api, id));
  if (!row) throw resourceNotFound();
  return row;
}

export function putResource(ctx: ApiContext, api: string, row: ResourceRow): void {
  ctx.tables.resources.put(tableKey(api, row.id), row);
}

/** `/users/{id}`; the root is `/`. */
export function pathOf(row: ResourceRow, tree: Tree): string {
  const parts: string[] = [];
  for (let at: ResourceRow | undefined = row; at?.parentId !== undefined; at = tree.get(at.parentId))
    parts.unshift(at.pathPart ?? "");
  return `/${parts.join("/")}`;
}

function subtree(row: ResourceRow, tree: Tree): ResourceRow[] {
  const children = Array.from(tree.values()).filter(({ parentId }) => parentId === row.id);
  return [row, ...children.flatMap((child) => subtree(child, tree))];
}

const PART = /^(?:[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._-]+\+?\})$/;

function assertPart(tree: Tree, parent: ResourceRow, part: string): void {
  if (!PART.test(part)) {
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end and an optional plus sign before the closing brace.",
    );
  }
  if (parent.pathPart?.endsWith("+}"))
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  const siblings = Array.from(tree.values()).filter(({ parentId }) => parentId === parent.id);
  if (siblings.some(({ pathPart }) => pathPart === part))
    throw conflict(`Another resource with the same parent already has this name: ${part}`);
  const variable = siblings.find(({ pathPart }) => pathPart?.startsWith("{"));
  if (variable && part.startsWith("{")) {
    throw badRequest(
      `A sibling (${variable.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    );
  }
}

const patchable: Patchable<ResourceRow> = {
  "/parentId": { replace: (row, parentId) => ({ ...row, parentId }) },
  "/pathPart": { replace: (row, pathPart) => ({ ...row, pathPart }) },
};

function assertMove(changed: ResourceRow, row: ResourceRow, tree: Tree): void {
  if (row.parentId === undefined) throw badRequest("Root resource of a REST API cannot be changed");
  const parent = tree.get(changed.parentId ?? "");
  if (!parent) throw notFound("Invalid Resource identifier specified");
  if (subtree(row, tree).includes(parent)) throw badRequest("Resources cannot be cyclical.");
  tree.delete(row.id);
  assertPart(tree, parent, changed.pathPart ?? "");
}

function toResource(row: ResourceRow, tree: Tree, embedMethods: boolean) {
  const methods = Object.values(row.methods);
  return {
    id: row.id,
    parentId: row.parentId,
    pathPart: row.pathPart,
    path: pathOf(row, tree),
    resourceMethods:
      methods.length === 0
        ? undefined
        : Object.fromEntries(methods.map((method) => [method.httpMethod, embedMethods ? toMethod(method) : {}])),
  };
}
