import { badRequest } from "./faults.ts";

/** One operation of an update, as API Gateway takes it: `{ op: "replace", path: "/name", value: "x" }`. */
interface PatchOperation {
  readonly op?: string | undefined;
  readonly path?: string | undefined;
  readonly value?: string | undefined;
}

export type Change<Row> = (row: Row, value: string, key: string) => Row;

/** What may be patched: a path (`/name`), or one with a last step that the caller names (`/variables/*`), by operation. */
export type Patchable<Row> = Readonly<Record<string, Partial<Record<"add" | "replace" | "remove", Change<Row>>>>>;

export function patch<Row>(
  row: Row,
  operations: readonly PatchOperation[] | undefined,
  patchable: Patchable<Row>,
): Row {
  return (operations ?? []).reduce((current, operation) => applyOne(current, operation, patchable), row);
}

function applyOne<Row>(row: Row, { op = "", path = "", value }: PatchOperation, patchable: Patchable<Row>): Row {
  const named = Object.hasOwn(patchable, path) ? path : withoutKey(path, patchable);
  const allowed = named === undefined ? undefined : patchable[named];
  if (named === undefined || !allowed) throw pathRefused(op, path, patchable);
  const change = op === "add" || op === "replace" || op === "remove" ? allowed[op] : undefined;
  if (!change)
    throw badRequest(`Invalid patch operation specified. Must be one of: [${Object.keys(allowed).join(", ")}]`);
  return change(row, value ?? "", named === path ? "" : unescape(path.slice(named.length - 1)));
}

function withoutKey<Row>(path: string, patchable: Patchable<Row>): string | undefined {
  return Object.keys(patchable).find(
    (name) => name.endsWith("/*") && path.startsWith(name.slice(0, -1)) && !path.slice(name.length - 1).includes("/"),
  );
}

function pathRefused<Row>(op: string, path: string, patchable: Patchable<Row>) {
  const paths = Object.entries(patchable).filter(([, allowed]) => Object.hasOwn(allowed, op));
  if (paths.length === 0)
    return badRequest(`Invalid patch path  '${path}' specified for op '${op}'. Please choose supported operations`);
  return badRequest(
    `Invalid patch path  '${path}' specified for op '${op}'. Must be one of: [${paths.map(([name]) => name).join(", ")}]`,
  );
}

/** AWS: a slash in the name of a member is written `~1`, as in JSON Pointer. API reference, PatchOperation. */
function unescape(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Adds, replaces and removes members of a map, e.g. stage variables. */
export function ofMap<Row>(
  read: (row: Row) => Readonly<Record<string, string>> | undefined,
  write: (row: Row, map: Record<string, string>) => Row,
): Patchable<Row>[string] {
  const set: Change<Row> = (row, value, key) => write(row, { ...read(row), [key]: value });
  return {
    add: set,
    replace: set,
    remove: (row, _value, key) =>
      write(row, Object.fromEntries(Object.entries(read(row) ?? {}).filter(([name]) => name !== key))),
  };
}

/** The row without an optional member. */
export function without<Row extends object, Name extends keyof Row>(row: Row, name: Name): Row {
  const copy = { ...row };
  delete copy[name];
  return copy;
}
