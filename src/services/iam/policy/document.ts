import { isRecord } from "#core";

/** A policy as people write it: every list may also be one value. */
export interface PolicyDocument {
  readonly version: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  readonly action: Choice | undefined;
  readonly resource: Choice | undefined;
  readonly principal: PrincipalChoice | undefined;
  readonly conditions: readonly Condition[];
}

/** `not`: the element was NotAction, NotResource, NotPrincipal. */
export interface Choice {
  readonly not: boolean;
  readonly values: readonly string[];
}

export interface PrincipalChoice {
  readonly not: boolean;
  /** By kind (`AWS`, `Service`, …); `"*"` alone is `{ "*": ["*"] }`. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Reads a document that was checked when it was stored; what it does not understand it leaves out, so nothing is allowed by accident. */
export function readDocument(text: string): PolicyDocument {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed)) return { version: "2008-10-17", statements: [] };
  const version = typeof parsed["Version"] === "string" ? parsed["Version"] : "2008-10-17";
  return { version, statements: toList(parsed["Statement"]).filter(isRecord).map(readStatement) };
}

export function toList(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

function readStatement(source: Record<string, unknown>): Statement {
  return {
    ...(typeof source["Sid"] === "string" && { sid: source["Sid"] }),
    effect: source["Effect"] === "Allow" ? "Allow" : "Deny",
    action: readChoice(source, "Action"),
    resource: readChoice(source, "Resource"),
    principal: readPrincipal(source),
    conditions: readConditions(source["Condition"]),
  };
}

function readChoice(source: Record<string, unknown>, name: string): Choice | undefined {
  if (source[name] !== undefined) return { not: false, values: toTexts(source[name]) };
  if (source[`Not${name}`] !== undefined) return { not: true, values: toTexts(source[`Not${name}`]) };
  return undefined;
}

function readPrincipal(source: Record<string, unknown>): PrincipalChoice | undefined {
  const not = source["Principal"] === undefined;
  const value = source["Principal"] ?? source["NotPrincipal"];
  if (value === undefined) return undefined;
  if (value === "*") return { not, values: { "*": ["*"] } };
  if (!isRecord(value)) return { not, values: {} };
  return { not, values: Object.fromEntries(Object.entries(value).map(([kind, names]) => [kind, toTexts(names)])) };
}

function readConditions(source: unknown): Condition[] {
  if (!isRecord(source)) return [];
  return Object.entries(source).flatMap(([operator, keys]) =>
    isRecord(keys) ? Object.entries(keys).map(([key, values]) => ({ operator, key, values: toTexts(values) })) : [],
  );
}

function toTexts(value: unknown): string[] {
  return toList(value).map(String);
}
