import { isRecord, type JsonObject, type JsonValue, parseJson } from "#core";
import { notBuilt, validation } from "../faults.ts";
import { stepsReferredTo } from "./references.ts";

export interface Definition {
  readonly parameters: readonly ParameterDeclaration[];
  readonly steps: readonly StepDeclaration[];
}

export interface ParameterDeclaration {
  readonly Name: string;
  readonly Type: "String" | "Integer" | "Float" | "Boolean";
  readonly DefaultValue?: JsonValue;
}

/** A step with where it stands: `after` are the steps that must have succeeded, `branch` the condition that must have chosen it. */
export interface StepDeclaration {
  readonly name: string;
  readonly type: StepType;
  readonly source: JsonObject;
  readonly after: readonly string[];
  readonly branch?: { readonly condition: string; readonly outcome: boolean };
}

export const STEP_TYPES = [
  "Processing",
  "Training",
  "Transform",
  "Model",
  "RegisterModel",
  "Lambda",
  "Condition",
  "Fail",
] as const;
export type StepType = (typeof STEP_TYPES)[number];

/** AWS: the forms of SageMaker's pipeline definition, version 2020-12-01. Refuses what could not run, naming the step. */
export function parseDefinition(text: string): Definition {
  const raw = parseJson(text);
  if (!isRecord(raw)) throw unreadable("it is not a JSON object");
  if (raw["Version"] !== "2020-12-01")
    throw unreadable(`Version must be "2020-12-01", not ${JSON.stringify(raw["Version"])}`);
  if (!Array.isArray(raw["Steps"])) throw unreadable("Steps must be a list");
  const parameters = (raw["Parameters"] ?? []) as unknown as ParameterDeclaration[];
  const steps = flatten(raw["Steps"] as JsonValue[]);
  requireConsistent(steps, parameters);
  return { parameters, steps };
}

function flatten(sources: readonly JsonValue[], branch?: StepDeclaration["branch"]): StepDeclaration[] {
  return sources.flatMap((source) => {
    const step = toStep(source, branch);
    if (step.type !== "Condition") return [step];
    if (branch)
      throw unreadable(`the condition ${step.name} stands inside another condition, which SageMaker does not allow`);
    const { IfSteps, ElseSteps } = argumentsOf(step);
    const inside = (list: JsonValue | undefined, outcome: boolean) =>
      flatten(Array.isArray(list) ? (list as JsonValue[]) : [], { condition: step.name, outcome });
    return [step, ...inside(IfSteps, true), ...inside(ElseSteps, false)];
  });
}

function toStep(source: JsonValue, branch: StepDeclaration["branch"]): StepDeclaration {
  if (!isRecord(source)) throw unreadable("every step must be an object");
  const { Name: name, Type: type, DependsOn: dependsOn = [] } = source as JsonObject;
  if (typeof name !== "string" || !/^[A-Za-z0-9\-_]{1,64}$/.test(name)) {
    throw unreadable(`the step name ${JSON.stringify(name)} must match [A-Za-z0-9\\-_]{1,64}`);
  }
  if (!STEP_TYPES.includes(type as StepType))
    throw notBuilt(`pipeline steps of type ${JSON.stringify(type)} (step ${name})`);
  const json = source as JsonObject;
  const used = type === "Condition" ? ((json["Arguments"] as JsonObject | undefined)?.["Conditions"] ?? []) : json;
  const named = Array.isArray(dependsOn) ? (dependsOn as string[]) : [];
  const after = [...new Set([...named, ...stepsReferredTo(used), ...(branch ? [branch.condition] : [])])];
  return { name, type: type as StepType, source: json, after, ...(branch && { branch }) };
}

export function argumentsOf(step: StepDeclaration): JsonObject {
  const given = step.source["Arguments"];
  return isRecord(given) ? (given as JsonObject) : {};
}

function requireConsistent(steps: readonly StepDeclaration[], parameters: readonly ParameterDeclaration[]): void {
  const byName = new Map<string, StepDeclaration>();
  for (const step of steps) {
    if (byName.has(step.name)) throw unreadable(`two steps are named ${step.name}`);
    byName.set(step.name, step);
  }
  const declared = new Set(parameters.map(({ Name }) => Name));
  if (declared.size !== parameters.length) throw unreadable("two parameters have the same name");
  for (const step of steps) {
    for (const needed of step.after) {
      if (!byName.has(needed)) throw unreadable(`the step ${step.name} needs the step ${needed}, which is not there`);
    }
    for (const [, name] of JSON.stringify(step.source).matchAll(/"Get":"Parameters\.([^"]+)"/g)) {
      if (!declared.has(name ?? ""))
        throw unreadable(`the step ${step.name} uses the parameter ${name}, which is not declared`);
    }
  }
  requireNoCircle(byName);
}

function requireNoCircle(steps: ReadonlyMap<string, StepDeclaration>): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw unreadable(`the steps ${[...path, name].join(" → ")} wait for each other`);
    if (done.has(name)) return;
    for (const needed of steps.get(name)?.after ?? []) visit(needed, [...path, name]);
    done.add(name);
  };
  for (const name of steps.keys()) visit(name, []);
}

function unreadable(why: string) {
  return validation(`Unable to parse pipeline definition: ${why}.`);
}
