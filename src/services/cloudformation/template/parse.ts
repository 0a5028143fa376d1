import { parseDocument, type ScalarTag, type CollectionTag, YAMLMap, YAMLSeq } from "yaml";
import { isRecord, messageOf, parseJson } from "#core";
import { validationError } from "../faults.ts";

export interface Template {
  readonly description?: string;
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly resources: Readonly<Record<string, ResourceDeclaration>>;
  readonly outputs: Readonly<Record<string, OutputDeclaration>>;
}

export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: unknown;
  readonly Description?: string;
  readonly AllowedValues?: readonly unknown[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly NoEcho?: boolean | string;
}

export interface ResourceDeclaration {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface OutputDeclaration {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

const SECTIONS = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Mappings",
  "Conditions",
  "Resources",
  "Outputs",
];

/** A template's text, JSON or YAML with the short forms of functions, checked for its form. */
export function parseTemplate(text: string): Template {
  const raw = parseText(text);
  const unknown = Object.keys(raw).filter((key) => !SECTIONS.includes(key));
  if (unknown.length > 0) {
    throw validationError(`Template format error: Unsupported sections: [${unknown.join(", ")}]`);
  }
  const resources = section(raw, "Resources");
  if (Object.keys(resources).length === 0) {
    throw validationError("Template format error: At least one Resources member must be defined.");
  }
  for (const [id, resource] of Object.entries(resources)) requireResource(id, resource);
  return {
    ...(typeof raw["Description"] === "string" && { description: raw["Description"] }),
    parameters: section(raw, "Parameters") as Template["parameters"],
    mappings: section(raw, "Mappings"),
    conditions: section(raw, "Conditions"),
    resources: resources as unknown as Template["resources"],
    outputs: section(raw, "Outputs") as unknown as Template["outputs"],
  };
}

function requireResource(id: string, resource: unknown): void {
  if (!/^[A-Za-z0-9]{1,255}$/.test(id)) {
    throw validationError(`Template format error: Resource name ${id} is non alphanumeric.`);
  }
  if (!isRecord(resource) || typeof resource["Type"] !== "string") {
    throw validationError(
      `Template format error: [/Resources/${id}] Every Resources object must contain a Type member.`,
    );
  }
}

function section(raw: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = raw[name] ?? {};
  if (!isRecord(value)) throw validationError(`Template format error: [/${name}] must be an object.`);
  return value;
}

function parseText(text: string): Record<string, unknown> {
  const value: unknown = text.trimStart().startsWith("{") ? parseJson(text) : parseYaml(text);
  if (isRecord(value)) return value;
  throw validationError("Template format error: JSON not well-formed.");
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: SHORT_FORMS, merge: true });
  const [error] = document.errors;
  if (error) throw validationError(`Template format error: YAML not well-formed. ${error.message.split("\n")[0]}`);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw validationError(`Template format error: YAML not well-formed. ${messageOf(error)}`);
  }
}

const FUNCTIONS = "And Base64 Cidr Equals FindInMap GetAZs If ImportValue Join Not Or Select Split Sub Transform".split(
  " ",
);

/** `!Sub x` is `{"Fn::Sub": x}`; `!Ref` and `!Condition` have no prefix; `!GetAtt a.b` is a list. */
const SHORT_FORMS: (ScalarTag | CollectionTag)[] = [
  ...FUNCTIONS.flatMap((name) => shortForm(`!${name}`, (value) => ({ [`Fn::${name}`]: value }))),
  ...shortForm("!Ref", (value) => ({ Ref: value })),
  ...shortForm("!Condition", (value) => ({ Condition: value })),
  ...shortForm("!GetAtt", (value) => ({
    "Fn::GetAtt": typeof value === "string" ? splitOnce(value) : value,
  })),
];

function shortForm(tag: string, expand: (value: unknown) => unknown): (ScalarTag | CollectionTag)[] {
  return [
    { tag, resolve: (text: string) => expand(text) as never },
    { tag, collection: "seq", nodeClass: expanding(YAMLSeq, expand) },
    { tag, collection: "map", nodeClass: expanding(YAMLMap, expand) },
  ];
}

/** A node that turns into the long form when the document becomes a value. */
function expanding(base: typeof YAMLSeq | typeof YAMLMap, expand: (value: unknown) => unknown) {
  if (base === YAMLSeq) {
    return class extends YAMLSeq {
      override toJSON(_: unknown, ctx: never): never {
        return expand(super.toJSON(_, ctx)) as never;
      }
    };
  }
  return class extends YAMLMap {
    override toJSON(_: unknown, ctx: never): never {
      return expand(super.toJSON(_, ctx)) as never;
    }
  } as never;
}

function splitOnce(text: string): string[] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}
