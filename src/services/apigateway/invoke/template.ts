import { Compile, parse } from "velocityjs";
import { findByPath } from "./json-path.ts";

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

/** Parsed once, rendered for each request. */
export function compileTemplate(source: string): Template {
  // A text without references is itself: the `{"statusCode": 200}` of most MOCK integrations.
  if (!/[$#]/.test(source)) return () => source;
  const parsed = parse(source);
  return (scope) =>
    new Compile(parsed, { escape: false }).render({
      input: inputOf(scope),
      util: UTIL,
      context: scope.context,
      stageVariables: scope.stageVariables,
    });
}

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
