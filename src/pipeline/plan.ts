import { accountOf, type Clients, isAwsError, type Target, withClients } from "#aws";
import { canonicalJson, isRecord, parseJson } from "#core";
import { gather } from "./assets.ts";
import type { PipelineDefinition, Step } from "./definition.ts";
import { listExecutions } from "./execution.ts";
import { type AccountOptions, type AccountPlan, planAccount } from "./plan-account.ts";
import { synth, type Synth } from "./synth.ts";
import type { ResolvedProject } from "./validate.ts";

export interface Plan {
  readonly resources: readonly {
    readonly id: string;
    readonly type: string;
    readonly action: "create" | "change" | "remove";
  }[];
  /** What runs again, and because of what; empty when the last run still holds. */
  readonly steps: readonly { readonly name: string; readonly because: string }[];
  /** The endpoint gets another version or other instances. */
  readonly deploys: boolean;
  readonly warnings: readonly string[];
  /** Where what runs costs money. */
  readonly account?: AccountPlan;
}

/** What stands now, as far as a plan needs to know. */
export interface Standing {
  readonly resources: Readonly<Record<string, unknown>>;
  readonly definition: PipelineDefinition | undefined;
  /** Of the newest run, when it succeeded. */
  readonly runFingerprint: string | undefined;
}

export interface PlanPlaces {
  readonly folder: string;
  readonly assets: string;
  readonly cache: string;
  /** What it costs, what it needs and what it may is wanted too. */
  readonly account?: AccountOptions | undefined;
}

/** What `up` would change. Nothing is changed. */
export async function plan(target: Target, project: ResolvedProject, places: PlanPlaces): Promise<Plan> {
  return withClients(target, async (aws) => {
    const place = { account: await accountOf(target, aws), region: target.region };
    const gathered = await gather(project, { ...places, aws, platform: target.functionPlatform ?? "linux-x64" });
    const wanted = synth(project, gathered.contents, place);
    const [now, account] = await Promise.all([
      standing(aws, wanted),
      places.account && planAccount(target, aws, project, { ...places.account, made: wanted, place }),
    ]);
    return { ...comparePlan(wanted, now, project.warnings), ...(account && { account }) };
  });
}

/** Pure: what is wanted against what stands. */
export function comparePlan(wanted: Synth, now: Standing, warnings: readonly string[] = []): Plan {
  const resources = compareResources(wanted.template.Resources, now.resources);
  const reruns = now.runFingerprint !== wanted.runFingerprint;
  return {
    resources,
    steps: reruns ? compareSteps(wanted.definition, now.definition, changedFunctions(resources)) : [],
    deploys: reruns || resources.some(({ id }) => id === "DeployFunction"),
    warnings,
  };
}

function compareResources(wanted: Synth["template"]["Resources"], now: Standing["resources"]): Plan["resources"] {
  const typeOf = (resource: unknown) => (isRecord(resource) ? String(resource["Type"]) : "");
  const made = Object.entries(wanted)
    .filter(([id, resource]) => canonicalJson(resource) !== canonicalJson(now[id]))
    .map(([id, resource]) => ({
      id,
      type: resource.Type as string,
      action: now[id] === undefined ? ("create" as const) : ("change" as const),
    }));
  const removed = Object.entries(now)
    .filter(([id]) => wanted[id] === undefined)
    .map(([id, resource]) => ({ id, type: typeOf(resource), action: "remove" as const }));
  return [...made, ...removed];
}

function changedFunctions(resources: Plan["resources"]): boolean {
  return resources.some(({ id, action }) => id === "ExtractFunction" && action === "change");
}

const BECAUSE: Readonly<Record<string, string>> = {
  SourceUri: "the data changed",
  CodeUri: "the code changed",
  SettingsUri: "the settings changed",
  EvaluateSettingsUri: "the settings of `evaluate` changed",
};

/** A step runs again when its own text or an address in it changed, or when a step that it takes from does. */
function compareSteps(wanted: PipelineDefinition, now: PipelineDefinition | undefined, reader: boolean): Plan["steps"] {
  if (now === undefined) return wanted.Steps.map(({ Name }) => ({ name: Name, because: "it has not run yet" }));
  const parameters = new Map(now.Parameters.map(({ Name, DefaultValue }) => [Name, DefaultValue]));
  const changed = new Map(
    wanted.Parameters.filter(({ Name, DefaultValue }) => parameters.get(Name) !== DefaultValue).map(({ Name }) => [
      `Parameters.${Name}`,
      BECAUSE[Name] ?? `${Name} changed`,
    ]),
  );
  const steps: { name: string; because: string }[] = [];
  for (const step of wanted.Steps) {
    const because = reasonFor(step, now, changed, reader);
    if (because === undefined) continue;
    steps.push({ name: step.Name, because });
    changed.set(`Steps.${step.Name}.`, `${step.Name} runs again`);
  }
  return steps;
}

function reasonFor(
  step: Step,
  now: PipelineDefinition,
  changed: ReadonlyMap<string, string>,
  reader: boolean,
): string | undefined {
  const text = canonicalJson(step.Arguments);
  for (const [address, because] of changed) if (text.includes(`"Get":"${address}`)) return because;
  const before = now.Steps.find(({ Name }) => Name === step.Name);
  if (before === undefined) return "it is new";
  if (canonicalJson(before) !== canonicalJson(step)) return "its settings changed";
  if (step.Name === "Extract" && reader) return "the way tables are read changed";
  // Extract looks at the table each time, and the gate decides each time; neither costs anything.
  return step.Name === "Gate" ? "every run is judged" : undefined;
}

async function standing(aws: Clients, { names }: Synth): Promise<Standing> {
  const [newest] = await listExecutions(aws, names.pipeline, 1);
  const runFingerprint = newest?.status === "Succeeded" ? newest.fingerprint : undefined;
  const nothing = { resources: {}, definition: undefined, runFingerprint };
  try {
    const { TemplateBody } = await (await aws.cloudformation()).getTemplate({ StackName: names.stack });
    const template = parseJson(TemplateBody ?? "");
    const resources = isRecord(template) && isRecord(template["Resources"]) ? template["Resources"] : {};
    return { resources, definition: definitionIn(resources), runFingerprint };
  } catch (error) {
    if (isAwsError(error, "ValidationError")) return nothing;
    throw error;
  }
}

function definitionIn(resources: Readonly<Record<string, unknown>>): PipelineDefinition | undefined {
  const pipeline = resources["Pipeline"];
  const properties = isRecord(pipeline) && isRecord(pipeline["Properties"]) ? pipeline["Properties"] : {};
  const definition = isRecord(properties["PipelineDefinition"]) ? properties["PipelineDefinition"] : {};
  const body = definition["PipelineDefinitionBody"];
  return typeof body === "string" ? (parseJson(body) as unknown as PipelineDefinition | undefined) : undefined;
}
