import { findByPath, isJsonPath, parseJson } from "#core";
import { invalid } from "./faults.ts";
import type { DeliveryRow } from "./state.ts";

/** The members of a target that shape what it gets. */
interface Shaping {
  readonly Id: string;
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    | { readonly InputPathsMap?: Record<string, string> | undefined; readonly InputTemplate: string }
    | undefined;
}

export function assertInput(target: Shaping): void {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter((member) => member !== undefined);
  if (given.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`);
  if (target.Input !== undefined && parseJson(target.Input) === undefined)
    throw invalid(`JSON syntax error in input for target ${target.Id}`);
  if (target.InputPath !== undefined && !isPath(target.InputPath))
    throw invalid(`Invalid InputPath for target ${target.Id}.`);
  const { InputTransformer: transformer } = target;
  if (!transformer) return;
  const paths = transformer.InputPathsMap ?? {};
  for (const [name, path] of Object.entries(paths)) {
    if (!isPath(path)) throw invalid(`Invalid InputPath ${path} of ${name} for target ${target.Id}.`);
    if (name.startsWith("AWS"))
      throw invalid(`InputTransformer for target ${target.Id} has a variable that begins with AWS: ${name}.`);
  }
  for (const [, name] of transformer.InputTemplate.matchAll(PLACEHOLDER)) {
    if (!name!.startsWith("aws.") && !(name! in paths))
      throw invalid(`InputTemplate for target ${target.Id} contains invalid placeholder ${name}.`);
  }
}

/** The JSON that a target gets. */
export function toInput({ target, event, ruleArn, ruleName, accepted }: DeliveryRow): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(findByPath(event, target.inputPath) ?? null);
  if (!target.transformer) return JSON.stringify(event);
  const { paths, template } = target.transformer;
  const { detail: _, ...envelope } = event;
  const known: Record<string, unknown> = {
    "aws.events.rule-arn": ruleArn,
    "aws.events.rule-name": ruleName,
    "aws.events.event.ingestion-time": new Date(accepted).toISOString(),
    // AWS: without its detail; `.json` is the whole. EventBridge user guide, "Input transformation".
    "aws.events.event": envelope,
    "aws.events.event.json": event,
  };
  for (const [name, path] of Object.entries(paths)) known[name] = findByPath(event, path);
  return fill(template, known);
}

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;
const TOKEN = /"(?:[^"\\]|\\.)*"|<([A-Za-z0-9_.-]+)>/g;

/** AWS: inside quotes a variable is its text, outside it is JSON; a template that is plain text becomes a JSON string. */
function fill(template: string, known: Readonly<Record<string, unknown>>): string {
  const inText = (text: string) =>
    text.replace(PLACEHOLDER, (whole, name: string) => (name in known ? escapeText(known[name]) : whole));
  const trimmed = template.trim();
  const filled = trimmed.replace(TOKEN, (whole, name: string | undefined) => {
    if (name === undefined) return inText(whole);
    return name in known ? JSON.stringify(known[name] ?? null) : whole;
  });
  if (parseJson(filled) !== undefined) return filled;
  return JSON.stringify(
    trimmed.replace(PLACEHOLDER, (whole, name: string) => (name in known ? toText(known[name]) : whole)),
  );
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}

function escapeText(value: unknown): string {
  return JSON.stringify(toText(value)).slice(1, -1);
}

/** AWS: no `..` in the paths of targets. User guide, "Input transformation". */
export function isPath(path: string): boolean {
  return isJsonPath(path) && !path.includes("..");
}
