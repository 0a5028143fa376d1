import { isRecord } from "#core";
import { notBuilt, validationError } from "../faults.ts";
import { parameterValue } from "./parameters.ts";
import type { Template } from "./parse.ts";

/** What functions can see while a template is being carried out. */
export interface Scope {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  /** `AWS::Region` and its like. */
  readonly pseudo: Readonly<Record<string, string | readonly string[]>>;
  /** A resource that exists: what `Ref` and `Fn::GetAtt` give. Undefined: not yet. */
  resource(
    logicalId: string,
  ): { readonly physicalId: string; readonly attributes: Readonly<Record<string, string>> } | undefined;
  /** A value exported by another stack. */
  imported(name: string): string | undefined;
}

/** Stands for `AWS::NoValue`: the member or element is left out. */
const NO_VALUE = Symbol("AWS::NoValue");

/** A value with all functions carried out. */
export function evaluate(value: unknown, scope: Scope): unknown {
  const result = walk(value, scope);
  return result === NO_VALUE ? undefined : result;
}

/** Whether a condition of the template holds. */
export function conditionHolds(name: string, scope: Scope): boolean {
  const condition = scope.template.conditions[name];
  if (condition === undefined) {
    throw validationError(
      `Template format error: Unresolved condition dependency ${name} in the Conditions block of the template`,
    );
  }
  return walk(condition, scope) === true;
}

function walk(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value);
  const [name] = keys;
  if (keys.length === 1 && name !== undefined) {
    const fn = FUNCTIONS[name];
    if (fn) return fn(value[name], scope);
    if (name.startsWith("Fn::")) throw notBuilt(`the function ${name}`);
  }
  const entries = keys.map((key) => [key, walk(value[key], scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

type TemplateFunction = (argument: unknown, scope: Scope) => unknown;

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  Ref: (name, scope) => reference(String(name), scope),
  Condition: (name, scope) => conditionHolds(String(name), scope),
  "Fn::GetAtt": (argument, scope) => attribute(argument, scope),
  "Fn::Sub": (argument, scope) => substitute(argument, scope),
  "Fn::Join": (argument, scope) => {
    const [separator, items] = list("Fn::Join", argument, scope);
    return list("Fn::Join", items, scope).map(String).join(String(separator));
  },
  "Fn::Select": (argument, scope) => {
    const [index, items] = list("Fn::Select", argument, scope);
    const found = Array.isArray(items) ? (items as unknown[])[Number(index)] : undefined;
    if (found === undefined)
      throw validationError("Template error: Fn::Select cannot select nonexistent value at index " + String(index));
    return found;
  },
  "Fn::Split": (argument, scope) => {
    const [separator, text] = list("Fn::Split", argument, scope);
    return String(text).split(String(separator));
  },
  "Fn::Base64": (argument, scope) => Buffer.from(String(walk(argument, scope))).toString("base64"),
  "Fn::FindInMap": (argument, scope) => findInMap(list("Fn::FindInMap", argument, scope), scope),
  "Fn::If": (argument, scope) => {
    // Only the branch that is taken may be carried out: the other may name resources that do not exist.
    const [condition, yes, no] = Array.isArray(argument) ? (argument as unknown[]) : [];
    return walk(conditionHolds(String(condition), scope) ? yes : no, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [a, b] = list("Fn::Equals", argument, scope);
    return String(a) === String(b);
  },
  "Fn::And": (argument, scope) => list("Fn::And", argument, scope).every((item) => item === true),
  "Fn::Or": (argument, scope) => list("Fn::Or", argument, scope).some((item) => item === true),
  "Fn::Not": (argument, scope) => list("Fn::Not", argument, scope)[0] !== true,
  "Fn::GetAZs": (_argument, scope) => ["a", "b", "c"].map((zone) => `${String(scope.pseudo["AWS::Region"])}${zone}`),
  "Fn::ImportValue": (argument, scope) => {
    const name = String(walk(argument, scope));
    const value = scope.imported(name);
    if (value === undefined) throw validationError(`No export named ${name} found.`);
    return value;
  },
};

function list(name: string, argument: unknown, scope: Scope): unknown[] {
  const value = walk(argument, scope);
  if (Array.isArray(value)) return value as unknown[];
  throw validationError(`Template error: every ${name} object requires a list of arguments.`);
}

function reference(name: string, scope: Scope): unknown {
  if (name === "AWS::NoValue") return NO_VALUE;
  if (name in scope.pseudo) return scope.pseudo[name];
  const declaration = scope.template.parameters[name];
  if (declaration) return parameterValue(declaration, scope.parameters[name] ?? "");
  return requireResource(name, scope).physicalId;
}

function attribute(argument: unknown, scope: Scope): string {
  const [name, ...rest] =
    typeof argument === "string" ? argument.split(".") : list("Fn::GetAtt", argument, scope).map(String);
  const path = rest.join(".");
  const value = requireResource(name ?? "", scope).attributes[path];
  if (value !== undefined) return value;
  const type = scope.template.resources[name ?? ""]?.Type;
  throw validationError(
    `Template error: resource ${name} does not support attribute type ${path} in Fn::GetAtt (${type})`,
  );
}

function requireResource(name: string, scope: Scope) {
  const found = scope.resource(name);
  if (found) return found;
  throw validationError(
    `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
  );
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}];
  const own = isRecord(variables) ? variables : {};
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, inside: string) => {
    const name = inside.trim();
    if (literal) return `\${${inside}}`;
    if (name in own) return String(walk(own[name], scope));
    return String(name.includes(".") ? attribute(name, scope) : reference(name, scope));
  });
}

function findInMap([map, first, second]: unknown[], scope: Scope): unknown {
  const level = scope.template.mappings[String(map)];
  const inner = isRecord(level) ? level[String(first)] : undefined;
  const value = isRecord(inner) ? inner[String(second)] : undefined;
  if (value !== undefined) return value;
  throw validationError(
    `Template error: Unable to get mapping for ${String(map)}::${String(first)}::${String(second)}`,
  );
}
