import { Compile, parse } from "velocityjs";
import { findByPath, messageOf } from "#core";

/** What a mapping template sees. */
export interface Scope {
  readonly context: Record<string, unknown>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly parameters: {
    readonly path: Readonly<Record<string, string>>;
    readonly querystring: Readonly<Record<string, string>>;
    readonly header: Readonly<Record<string, string>>;
  };
  /** `$input.body`: of the request, or of the integration's answer. */
  readonly body: string;
}

export type Template = (scope: Scope) => string;
export type Templates = ReadonlyMap<string, Template>;

/** By content type. */
export function compileTemplates(sources: Readonly<Record<string, string>> | undefined): Templates {
  return new Map(Object.entries(sources ?? {}).map(([type, source]) => [type, compileTemplate(source)]));
}

/** The template of the content type, else the JSON one, else the first. */
export function chooseTemplate(
  templates: Templates,
  accept: string | undefined,
): { type: string; render: Template } | undefined {
  const wanted = accept?.split(",").map((part) => part.split(";")[0]!.trim()) ?? [];
  const type = [...wanted, "application/json", ...templates.keys()].find((name) => templates.has(name));
  const render = type === undefined ? undefined : templates.get(type);
  return type !== undefined && render ? { type, render } : undefined;
}

/** Parsed when it is first needed, rendered for each request. Throws a `TemplateError` for what is no template. */
export function compileTemplate(source: string): Template {
  // A text without references is itself: the `{"statusCode": 200}` of most MOCK integrations.
  if (!/[$#]/.test(source)) return () => source;
  let parsed: ReturnType<typeof parse> | undefined;
  return (scope) => {
    parsed ??= parseTemplate(source);
    return new Compile(parsed, CONFIG).render({
      input: inputOf(scope),
      util: UTIL,
      context: scope.context,
      stageVariables: scope.stageVariables,
    });
  };
}

/** A mapping template that does not parse. */
export class TemplateError extends Error {}

export function parseTemplate(source: string): ReturnType<typeof parse> {
  try {
    // The parser takes the name `$in` for the `in` of #foreach.
    return parse(source.replace(/(\$!?\{?)in\b/g, "$1in__"));
  } catch (error) {
    throw new TemplateError(messageOf(error));
  }
}

const isValue = (context: unknown): context is object | string =>
  typeof context === "string" || (typeof context === "object" && context !== null);

/** Methods of Java's strings, lists and maps that templates call and the engine does not know. */
const JAVA: Readonly<Record<string, (target: unknown, argument: unknown) => unknown>> = {
  length: (target) => (typeof target === "string" ? target.length : undefined),
  isEmpty: (target) =>
    (typeof target === "object" && target !== null ? Object.keys(target).length : String(target).length) === 0,
  contains: (target, part) => (Array.isArray(target) ? target.includes(part) : String(target).includes(String(part))),
  containsKey: (target, key) => typeof target === "object" && target !== null && Object.hasOwn(target, String(key)),
  equals: (target, other) => target === other,
  equalsIgnoreCase: (target, other) => String(target).toLowerCase() === String(other).toLowerCase(),
};

const CONFIG = {
  escape: false,
  customMethodHandlers: Object.entries(JAVA).map(([name, resolve]) => ({
    uid: name,
    match: ({ property, context }: { property: string; context: unknown }) =>
      property === name && isValue(context) && (typeof context === "string" || !Object.hasOwn(context, name)),
    resolve: ({ context, params }: { context: unknown; params: readonly unknown[] }) => resolve(context, params[0]),
  })),
};

function inputOf({ body, parameters }: Scope) {
  let read: { readonly value: unknown } | undefined;
  const root = () => (read ??= { value: parseBody(body) }).value;
  return {
    body,
    json: (path: string) => JSON.stringify(findByPath(root(), path) ?? null),
    path: (path: string) => findByPath(root(), path),
    params(name?: string) {
      if (name === undefined) return parameters;
      if (name === "path" || name === "querystring" || name === "header") return parameters[name];
      return parameters.path[name] ?? parameters.querystring[name] ?? headerOf(parameters.header, name) ?? "";
    },
  };
}

/** AWS: an empty body is an empty object; one that is not JSON is a text. */
function parseBody(body: string): unknown {
  if (body === "") return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(headers, name)) return headers[name];
  const lower = name.toLowerCase();
  return Object.entries(headers).find(([key]) => key.toLowerCase() === lower)?.[1];
}

const UTIL = {
  escapeJavaScript: (text: unknown) => escapeJavaScript(String(text)),
  parseJson: (text: string) => JSON.parse(text) as unknown,
  urlEncode: (text: string) => new URLSearchParams([["", text]]).toString().slice(1),
  urlDecode: (text: string) => decodeURIComponent(text.replaceAll("+", " ")),
  base64Encode: (text: string) => Buffer.from(text).toString("base64"),
  base64Decode: (text: string) => Buffer.from(text, "base64").toString(),
};

const SHORT: Readonly<Record<string, string>> = { "\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r" };

/** AWS: both quotes and the slash are escaped too, and everything beyond ASCII. Developer guide, "$util Variables". */
function escapeJavaScript(text: string): string {
  return text.replace(/['"\\/]|[^\x20-\x7e]/g, (character) => {
    if (`'"\\/`.includes(character)) return `\\${character}`;
    return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}
