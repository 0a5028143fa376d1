import { CauceError, isRecord } from "#core";

import { isDateFormat } from "./dates.ts";
import { numberFormat } from "./units.ts";

export const FEATURES_VERSION = 1;

export type Label = string | number | boolean;
export type Task = "binary" | "multiclass" | "regression";
export type FieldKind = "number" | "boolean" | "category" | "datetime" | "time" | "text";

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly integer?: boolean;
  /** How the table writes its dates or times, beside ISO 8601, or its numbers with their unit. */
  readonly format?: string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly categories?: readonly (string | number)[];
  readonly typical?: Label;
  readonly example?: Label | null;
  readonly missing?: number;
}

export interface Feature {
  readonly name: string;
  readonly field: string;
  readonly encoding: string;
}

export interface Target {
  readonly name: string;
  readonly task: Task;
  readonly classes: readonly Label[];
  readonly positive?: Label;
}

/** features.json (docs/contracts/features.md), checked. */
export interface Features {
  readonly version: typeof FEATURES_VERSION;
  readonly source: string;
  readonly target: Target;
  readonly fields: readonly Field[];
  readonly features: readonly Feature[];
  readonly ignored: readonly string[];
  readonly unknownFields: "refuse" | "ignore";
}

/** The encodings that a field of each kind may have; those of a date, a time and of text are parts of the value, in this order. */
export const ENCODINGS: Readonly<Record<FieldKind, readonly string[]>> = {
  number: ["number"],
  boolean: ["boolean"],
  category: ["category"],
  datetime: ["year", "month", "day", "weekday", "hour"],
  time: ["hour", "minutes"],
  text: ["length", "words"],
};

/** Checks a parsed features.json; a CauceError says why it cannot be used. */
export function readFeatures(json: unknown): Features {
  if (!isRecord(json)) throw unusable("it is not a JSON object");
  if (json["version"] !== FEATURES_VERSION)
    throw unusable(
      `it has version ${JSON.stringify(json["version"])}, but this Cauce reads version ${FEATURES_VERSION}`,
    );
  const fields = arrayOf(json, "fields").map(toField);
  const kinds = new Map(fields.map(({ name, kind }) => [name, kind]));
  if (kinds.size !== fields.length) throw unusable("two fields have the same name");
  const features = arrayOf(json, "features").map((feature) => toFeature(feature, kinds));
  if (features.length === 0) throw unusable("it has no features");
  return {
    version: FEATURES_VERSION,
    source: typeof json["source"] === "string" ? json["source"] : "",
    target: toTarget(json["target"]),
    fields,
    features,
    ignored: (json["ignored"] === undefined ? [] : arrayOf(json, "ignored")).map(String),
    unknownFields: json["unknownFields"] === "ignore" ? "ignore" : "refuse",
  };
}

function toField(value: unknown): Field {
  const name = textOf(value, "name", "a field");
  const kind = textOf(value, "kind", `the field ${name}`);
  if (!isKind(kind)) throw unusable(`the field ${name} has the kind ${kind}`);
  const field = value as Field & Record<string, unknown>;
  if (kind === "category" && !Array.isArray(field.categories)) throw unusable(`the field ${name} has no categories`);
  if (field.format !== undefined && !isFormat(kind, String(field.format)))
    throw unusable(`the field ${name} has the format ${String(field.format)}`);
  return field;
}

function isFormat(kind: FieldKind, format: string): boolean {
  if (kind === "number") return numberFormat(format) !== undefined;
  return kind !== "datetime" || isDateFormat(format);
}

function toFeature(value: unknown, kinds: ReadonlyMap<string, FieldKind>): Feature {
  const name = textOf(value, "name", "a feature");
  const field = textOf(value, "field", `the feature ${name}`);
  const encoding = textOf(value, "encoding", `the feature ${name}`);
  const kind = kinds.get(field);
  if (!kind) throw unusable(`the feature ${name} takes the field ${field}, which is not there`);
  if (!ENCODINGS[kind].includes(encoding))
    throw unusable(`the feature ${name} has the encoding ${encoding}, which a ${kind} does not have`);
  return { name, field, encoding };
}

function toTarget(value: unknown): Target {
  const name = textOf(value, "name", "the target");
  const task = textOf(value, "task", "the target");
  if (task !== "binary" && task !== "multiclass" && task !== "regression") throw unusable(`its task is ${task}`);
  const target = value as Record<string, unknown>;
  if (task === "regression") return { name, task, classes: [] };
  const classes = arrayOf(target, "classes").map((label) => {
    if (typeof label === "string" || typeof label === "number" || typeof label === "boolean") return label;
    throw unusable("a class is neither text nor a number nor a boolean");
  });
  if (classes.length < 2 || (task === "binary" && classes.length !== 2))
    throw unusable(`it has ${classes.length} classes for a ${task} task`);
  return task === "binary" ? { name, task, classes, positive: classes[1] as Label } : { name, task, classes };
}

function isKind(kind: string): kind is FieldKind {
  return Object.hasOwn(ENCODINGS, kind);
}

function arrayOf(value: Record<string, unknown>, key: string): readonly unknown[] {
  const inner = value[key];
  if (!Array.isArray(inner)) throw unusable(`its "${key}" is not an array`);
  return inner;
}

function textOf(value: unknown, key: string, whose: string): string {
  const inner = isRecord(value) ? value[key] : undefined;
  if (typeof inner !== "string") throw unusable(`${whose} has no ${key}`);
  return inner;
}

function unusable(why: string): CauceError {
  return new CauceError({
    code: "FeaturesUnreadable",
    what: "The model's features.json cannot be used.",
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    fix: "Train the model again with this version of Cauce, or use the version that made it.",
  });
}
