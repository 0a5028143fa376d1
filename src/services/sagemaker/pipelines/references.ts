import { isRecord, type JsonObject, type JsonValue } from "#core";
import { validation } from "../faults.ts";

/** What references can see. */
export interface Surroundings {
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** `Execution.PipelineName` and its like. */
  readonly execution: Readonly<Record<string, string>>;
  /** The Describe answers of steps that are done, by step. */
  readonly steps: Readonly<Record<string, JsonValue>>;
  /** The text of a step's property file. */
  propertyFile(step: string, name: string): Promise<string>;
}

/** The steps named by `{"Get": "Steps.X.…"}` and by `Std:JsonGet` anywhere inside. */
export function stepsReferredTo(value: JsonValue): string[] {
  return [...JSON.stringify(value).matchAll(/"Get":"Steps\.([A-Za-z0-9\-_]+)[.[]/g)].map(([, name]) => name ?? "");
}

/** A value with all references and functions carried out. */
export async function resolve(value: JsonValue, around: Surroundings): Promise<JsonValue> {
  if (Array.isArray(value)) return Promise.all((value as JsonValue[]).map((item) => resolve(item, around)));
  if (!isRecord(value)) return value;
  const object = value as JsonObject;
  const keys = Object.keys(object);
  if (keys.length === 1) {
    const [key = ""] = keys;
    const argument = object[key] as JsonValue;
    if (key === "Get" && typeof argument === "string") return get(argument, around);
    if (key === "Std:Join") return join(argument, around);
    if (key === "Std:JsonGet") return jsonGet(argument, around);
  }
  const entries = await Promise.all(
    keys.map(async (key) => [key, await resolve(object[key] as JsonValue, around)] as const),
  );
  return Object.fromEntries(entries);
}

function get(path: string, around: Surroundings): JsonValue {
  const [kind, name = "", ...rest] = tokens(path);
  if (kind === "Parameters" && name in around.parameters) return around.parameters[name] as JsonValue;
  if (kind === "Execution" && name in around.execution) return around.execution[name] as JsonValue;
  if (kind === "Steps") {
    const found = around.steps[name] === undefined ? undefined : dig(around.steps[name], rest);
    if (found !== undefined) return found;
  }
  throw validation(`The pipeline refers to ${path}, which has no value.`);
}

/** `A.B['c'].D[0]` as its parts. */
function tokens(path: string): string[] {
  return [...path.matchAll(/\[['"]?([^\]'"]+)['"]?\]|([^.[\]]+)/g)].map(([, inside, plain]) => inside ?? plain ?? "");
}

/** Lists are entered by index, or by the name of an element: `Outputs['train']` is the one whose `OutputName` is `train`. */
function dig(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const part of path) {
    if (Array.isArray(at)) {
      const list = at as JsonValue[];
      at = /^\d+$/.test(part) ? list[Number(part)] : list.find((item) => isNamed(item, part));
    } else {
      at = isRecord(at) ? (at as JsonObject)[part] : undefined;
    }
  }
  return at;
}

function isNamed(item: JsonValue, name: string): boolean {
  return isRecord(item) && Object.entries(item).some(([key, value]) => key.endsWith("Name") && value === name);
}

async function join(argument: JsonValue, around: Surroundings): Promise<string> {
  const { On: on = "", Values: values = [] } = (await resolve(argument, around)) as JsonObject;
  return (values as JsonValue[]).map(toText).join(String(on));
}

async function jsonGet(argument: JsonValue, around: Surroundings): Promise<JsonValue> {
  const { PropertyFile: file, Path: path } = argument as { PropertyFile?: { Get?: string }; Path?: JsonValue };
  const [kind, step = "", files, name = ""] = tokens(file?.Get ?? "");
  if (kind !== "Steps" || files !== "PropertyFiles") {
    throw validation("Std:JsonGet needs a PropertyFile of the form Steps.<step>.PropertyFiles.<name>.");
  }
  const where = toText(await resolve(path ?? "", around));
  const text = await around.propertyFile(step, name);
  const found = dig(JSON.parse(text) as JsonValue, tokens(where.replace(/^\$\.?/, "")));
  if (found === undefined) throw validation(`The property file ${name} of the step ${step} has nothing at ${where}.`);
  return found;
}

export function toText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
