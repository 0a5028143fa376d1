import { basename, dirname } from "node:path";
import { CauceError, closest, isRecord } from "#core";
import type { Project } from "./define.ts";
import { databaseWarnings, oddDatabase } from "./sources/in-function.ts";
import { fields, HYPERPARAMETERS, type Rule } from "./fields.ts";
import { DEFAULT_TYPE, misfitOf, resolveWay, type ServingWay } from "./serving-way.ts";

/** A project with nothing left to guess. */
export interface ResolvedProject extends Omit<Project, "deploy"> {
  readonly prepare: {
    readonly testFraction: number;
    readonly seed: number;
    readonly script?: string;
    readonly outputs?: readonly string[];
    readonly features: NonNullable<NonNullable<Project["prepare"]>["features"]>;
  };
  readonly train: {
    readonly algorithm: "xgboost";
    readonly script?: string;
    readonly image?: string;
    readonly type: string;
    readonly maxMinutes: number;
    readonly hyperparameters: Readonly<Record<string, string | number | boolean>>;
  };
  readonly evaluate: NonNullable<Project["evaluate"]>;
  readonly approve: "automatic" | "manual";
  readonly deploy: ServingWay;
  readonly api: {
    readonly path: string;
    readonly stage: string;
    readonly cors: readonly string[];
    readonly unknownFields: "refuse" | "ignore";
  };
  readonly tags: Readonly<Record<string, string>>;
  /** What was understood differently from what was written. */
  readonly warnings: readonly string[];
}

/** Checks what a project file gave, and fills in the defaults. `source` is the file's name as the user sees it. */
export function resolveProject(value: unknown, source = "cauce.config.ts"): ResolvedProject {
  if (!isRecord(value)) throw refuse(source, "", "a project: an object with `name` and `data`", value);
  checkObject(source, "", value, fields);
  const project = value as unknown as Project;
  checkTogether(source, project);
  const warnings: string[] = [...databaseWarnings(project.data)];
  return {
    ...project,
    prepare: { testFraction: 0.2, seed: 0, features: {}, ...project.prepare },
    train: {
      algorithm: "xgboost",
      maxMinutes: 60,
      hyperparameters: {},
      ...project.train,
      type: instanceType("train.type", project.train?.type, warnings),
    },
    evaluate: project.evaluate ?? {},
    approve: project.approve ?? "automatic",
    deploy: resolveWay(project.deploy, instanceType("deploy.type", project.deploy?.type, warnings)),
    api: { path: "/predict", stage: "prod", cors: ["*"], unknownFields: "refuse", ...project.api },
    tags: project.tags ?? {},
    warnings,
  };
}

/** A name that AWS takes, out of a file's or a folder's. */
export function projectNameFrom(text: string): string {
  const name = basename(text)
    .replace(/(.)\.[^.]*$/, "$1")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  return name === "" ? "model" : name;
}

function instanceType(field: string, type: string | undefined, warnings: string[]): string {
  if (type === undefined) return DEFAULT_TYPE;
  // AWS: `ml.m4.large` is in none of SageMaker's lists of instance types, though old tutorials use it. botocore 1.44, ProductionVariantInstanceType.
  if (type !== "ml.m4.large") return type;
  warnings.push(`${field}: SageMaker has no ml.m4.large; ${DEFAULT_TYPE} is used instead.`);
  return DEFAULT_TYPE;
}

function checkObject(
  source: string,
  path: string,
  value: Record<string, unknown>,
  rules: Readonly<Record<string, Rule>>,
): void {
  for (const [key, inner] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const rule = rules[key];
    if (!rule) throw unknown(source, at, key, Object.keys(rules));
    if (inner === undefined && !rule.required) continue;
    if (!rule.accepts(inner)) throw refuse(source, at, rule.expected, inner);
    if (rule.fields) checkObject(source, at, inner as Record<string, unknown>, rule.fields);
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (rule.required && value[key] === undefined)
      throw refuse(source, path === "" ? key : `${path}.${key}`, rule.expected, undefined);
  }
}

const HIGHER = ["auc", "accuracy", "f1", "f1_macro", "r2"];

function checkTogether(source: string, project: Project): void {
  checkThreshold(source, project.evaluate ?? {});
  if (project.data.ignore?.includes(project.data.target)) {
    const expected = `columns other than the target ${JSON.stringify(project.data.target)}`;
    throw refuse(source, "data.ignore", expected, project.data.ignore);
  }
  checkScripts(source, project);
  const odd = oddDatabase(project.data);
  if (odd) throw refuse(source, odd.field, odd.expected, odd.given);
  const misfit = misfitOf(project);
  if (misfit) throw refuse(source, misfit.field, misfit.expected, misfit.given);
  // A script takes what it takes.
  if (project.train?.script !== undefined) return;
  for (const name of Object.keys(project.train?.hyperparameters ?? {})) {
    if (!HYPERPARAMETERS.includes(name)) throw unknown(source, `train.hyperparameters.${name}`, name, HYPERPARAMETERS);
  }
}

function checkScripts(source: string, { prepare, train }: Project): void {
  const { script, outputs } = prepare ?? {};
  if (outputs !== undefined && script === undefined)
    throw refuse(source, "prepare.outputs", "left out: it says what `prepare.script` writes", outputs);
  if (script === undefined) return;
  if (train?.script === undefined)
    throw refuse(source, "train.script", "the script that trains on what `prepare.script` writes", undefined);
  if (dirname(script) !== dirname(train.script))
    throw refuse(source, "prepare.script", "a script in the folder of `train.script`", script);
}

function checkThreshold(source: string, { metric, atLeast, atMost }: NonNullable<Project["evaluate"]>): void {
  const higher = metric !== undefined && HIGHER.includes(metric);
  if (atMost !== undefined && metric === undefined) {
    throw refuse(source, "evaluate.metric", "the metric that `atMost` is meant for: logloss, rmse or mae", metric);
  }
  if (higher && atMost !== undefined) {
    throw refuse(
      source,
      "evaluate.atMost",
      `left out: more ${metric} is better, so a threshold is \`atLeast\``,
      atMost,
    );
  }
  if (metric !== undefined && !higher && atLeast !== undefined) {
    throw refuse(
      source,
      "evaluate.atLeast",
      `left out: less ${metric} is better, so a threshold is \`atMost\``,
      atLeast,
    );
  }
}

function refuse(source: string, field: string, expected: string, given: unknown): CauceError {
  const at = field === "" ? "What it exports" : `\`${field}\``;
  return new CauceError({
    code: "ProjectInvalid",
    what: `${source} cannot be used.`,
    why: given === undefined ? `${at} is missing.` : `${at} is ${show(given)}.`,
    fix: `${field === "" ? "Export" : `Set \`${field}\` to`} ${expected}.`.replace(
      /Set (`[^`]*`) to left out:/,
      "Leave $1 out:",
    ),
  });
}

function unknown(source: string, field: string, name: string, known: readonly string[]): CauceError {
  const meant = closest(name, known);
  return new CauceError({
    code: "ProjectInvalid",
    what: `${source} cannot be used.`,
    why: `\`${field}\` is not something a project has.`,
    fix: meant === undefined ? `Known here are: ${known.join(", ")}.` : `Did you mean \`${meant}\`?`,
  });
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
