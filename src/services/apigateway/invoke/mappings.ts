import { findByPath } from "#core";
import type { Scope } from "./template.ts";

/** What a mapping may read of the request. */
interface MappedRequest {
  readonly stage: { readonly variables: Readonly<Record<string, string>> | undefined };
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly query:
    | { readonly single: Readonly<Record<string, string>>; readonly multi: Readonly<Record<string, readonly string[]>> }
    | undefined;
  readonly text: string;
  header(lowerCaseName: string): string | undefined;
}

/** Where a mapping reads from: the request, and what the integration answered. */
interface MappingSource {
  readonly call: MappedRequest;
  readonly scope: Scope;
  readonly response?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** One `method.response.header.X` with where its value comes from. */
export interface Mapping {
  /** Lower case for responses' headers; as written otherwise. */
  readonly name: string;
  read(source: MappingSource): string | undefined;
}

/** The mappings whose target begins with `prefix`. */
export function toMappings(parameters: Readonly<Record<string, string>> | undefined, prefix: string): Mapping[] {
  return Object.entries(parameters ?? {})
    .filter(([target]) => target.startsWith(prefix))
    .map(([target, expression]) => {
      const name = target.slice(prefix.length);
      return { name: prefix.includes("request") ? name : name.toLowerCase(), read: toReader(expression) };
    });
}

function toReader(expression: string): Mapping["read"] {
  const literal = /^'(.*)'$/s.exec(expression)?.[1];
  if (literal !== undefined) return () => literal;
  const [first, second, kind = "", ...rest] = expression.split(".");
  const name = rest.join(".");
  if (first === "method" && second === "request") return requestReader(kind, name);
  if (first === "integration" && second === "response") return responseReader(kind, name);
  if (first === "context") {
    const path = `$.${[second, kind, ...rest].filter((part) => part !== "" && part !== undefined).join(".")}`;
    return ({ scope }) => toText(findByPath(scope.context, path));
  }
  if (first === "stageVariables") return ({ call }) => call.stage.variables?.[second ?? ""];
  return () => undefined;
}

function requestReader(kind: string, name: string): Mapping["read"] {
  if (kind === "path") return ({ call }) => call.pathParameters?.[name];
  if (kind === "querystring") return ({ call }) => call.query?.single[name];
  if (kind === "multivaluequerystring") return ({ call }) => call.query?.multi[name]?.join(",");
  if (kind === "header" || kind === "multivalueheader") return ({ call }) => call.header(name.toLowerCase());
  if (kind.startsWith("body")) return ({ call }) => bodyAt(call.text, name);
  return () => undefined;
}

function responseReader(kind: string, name: string): Mapping["read"] {
  if (kind === "header" || kind === "multivalueheader") return ({ response }) => response?.headers[name.toLowerCase()];
  if (kind.startsWith("body"))
    return ({ response }) =>
      response && bodyAt(response.body, kind.slice("body".length) + (name === "" ? "" : `.${name}`));
  return () => undefined;
}

function bodyAt(body: string, path: string): string | undefined {
  if (path === "") return body;
  try {
    return toText(findByPath(JSON.parse(body), `$${path.startsWith(".") || path.startsWith("[") ? path : `.${path}`}`));
  } catch {
    return undefined;
  }
}

function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}
