import { isRecord } from "#core";
import { validationError } from "../faults.ts";
import type { ResourceDeclaration, Template } from "./parse.ts";

/** The logical ids that a resource names: in `DependsOn`, `Ref`, `Fn::GetAtt` and `Fn::Sub`. Parameters are not among them. */
export function dependenciesOf(template: Template, declaration: ResourceDeclaration): string[] {
  const named = new Set<string>();
  const explicit = declaration.DependsOn ?? [];
  for (const id of typeof explicit === "string" ? [explicit] : explicit) named.add(id);
  collect(declaration.Properties, named);
  return [...named].filter((id) => id in template.resources);
}

/** Refuses references to what the template does not declare. */
export function requireReferences(template: Template): void {
  const missing = new Set<string>();
  for (const { Properties, DependsOn } of Object.values(template.resources)) {
    const named = new Set<string>(typeof DependsOn === "string" ? [DependsOn] : DependsOn);
    collect(Properties, named);
    for (const id of named) {
      if (!(id in template.resources) && !(id in template.parameters) && !id.startsWith("AWS::")) missing.add(id);
    }
  }
  if (missing.size === 0) return;
  throw validationError(
    `Template format error: Unresolved resource dependencies [${[...missing].join(", ")}] in the Resources block of the template`,
  );
}

/** Each id after the ids it depends on; in the given order otherwise. */
export function inOrder(dependencies: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (id: string) => {
    if (done.has(id)) return;
    if (open.has(id)) throw validationError(`Circular dependency between resources: [${[...open].join(", ")}]`);
    open.add(id);
    for (const needed of dependencies.get(id) ?? []) if (dependencies.has(needed)) visit(needed);
    open.delete(id);
    done.add(id);
  };
  for (const id of dependencies.keys()) visit(id);
  return [...done];
}

function collect(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) collect(item, into);
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "Ref" && typeof inner === "string") into.add(inner);
    else if (key === "Fn::GetAtt") into.add(nameOf(inner));
    else if (key === "Fn::Sub") collectFromText(inner, into);
    else collect(inner, into);
  }
}

function nameOf(argument: unknown): string {
  const text: unknown = Array.isArray(argument) ? (argument as unknown[])[0] : argument;
  return String(text).split(".")[0] ?? "";
}

function collectFromText(argument: unknown, into: Set<string>): void {
  const [text, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument, undefined];
  collect(variables, into);
  const own = isRecord(variables) ? variables : {};
  for (const [, name] of String(text).matchAll(/\$\{([^!}][^}]*)\}/g)) {
    const id = name?.trim().split(".")[0] ?? "";
    if (!(id in own)) into.add(id);
  }
}
