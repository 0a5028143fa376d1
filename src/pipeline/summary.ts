import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import type { Clients } from "#aws";
import { isRecord, type JsonObject, type JsonValue } from "#core";
import type { Progress, SetAside, Warning } from "./progress.ts";
import { readEvaluation, readFeatures, readNotes, readReport } from "./results.ts";
import type { ResolvedProject } from "./validate.ts";
import type { Version } from "./versions.ts";

/** What `up` ends with. `up --json` prints the keys of INTERFACE.md out of it. */
export interface Summary {
  readonly url: string | undefined;
  readonly project: string;
  readonly task: string | undefined;
  /** The column that is predicted. */
  readonly target: string;
  /** Of the test part, all of the task's. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly rows: number | undefined;
  readonly features: number | undefined;
  readonly setAside: readonly SetAside[];
  readonly warnings: readonly Warning[];
  readonly seconds: number;
  readonly steps: readonly { readonly name: string; readonly state: string; readonly seconds: number }[];
  /** Nothing had changed, and nothing was done. */
  readonly unchanged: boolean;
  readonly version: number | undefined;
  readonly approval: string | undefined;
  /** One real row: a request that works when it is sent to `url`. */
  readonly example: JsonObject;
}

export interface Ended {
  readonly project: ResolvedProject;
  readonly url: string | undefined;
  readonly executionSteps: readonly PipelineExecutionStep[];
  readonly version: Version | undefined;
  readonly unchanged: boolean;
  readonly steps: readonly Progress[];
  readonly seconds: number;
}

export async function summarise(aws: Clients, of: Ended): Promise<Summary> {
  return {
    url: of.url,
    project: of.project.name,
    ...(await measured(aws, of)),
    seconds: rounded(of.seconds),
    steps: of.steps.map((progress) => ({
      name: progress.step,
      state: progress.state,
      seconds: rounded(progress.elapsed),
    })),
    unchanged: of.unchanged,
    version: of.version?.number,
    approval: of.version?.approval,
  };
}

async function measured(
  aws: Clients,
  of: Ended,
): Promise<Pick<Summary, "target" | "task" | "metrics" | "rows" | "features" | "setAside" | "warnings" | "example">> {
  const step = (name: string) => of.executionSteps.find((candidate) => candidate.StepName === name);
  const [prepare, evaluate] = [preparing(of.executionSteps), step("Evaluate")];
  const [notes, report, features, evaluation] = await Promise.all([
    readNotes(aws, step("Extract")),
    prepare && readReport(aws, prepare),
    prepare && readFeatures(aws, prepare),
    evaluate && readEvaluation(aws, evaluate),
  ]);
  return {
    target: targetOf(of.project, features),
    task: evaluation?.task ?? report?.task,
    metrics: evaluation?.metrics ?? {},
    rows: report?.rows,
    features: report?.features,
    setAside: report?.setAside ?? [],
    warnings: [
      ...of.project.warnings.map((message) => ({ code: "project", message })),
      ...notes.map((message) => ({ code: "table", message })),
      ...(report?.warnings ?? []),
    ],
    example: exampleOf(features),
  };
}

/** The step that knows the fields: it has split the table, or looked at a model that was given. */
function preparing(steps: Ended["executionSteps"]): PipelineExecutionStep | undefined {
  return steps.find((step) => step.StepName === "Prepare" || step.StepName === "Inspect");
}

/** A model that was given says itself what it predicts. */
function targetOf(project: ResolvedProject, features: JsonObject | undefined): string {
  const about = features?.["target"];
  return isRecord(about) ? String(about["name"]) : project.data.target;
}

function exampleOf(features: JsonObject | undefined): JsonObject {
  const fields = features?.["fields"];
  if (!Array.isArray(fields)) return {};
  const example: Record<string, JsonValue> = {};
  for (const field of fields as readonly JsonValue[]) {
    if (isRecord(field) && field["example"] !== undefined && field["example"] !== null)
      example[String(field["name"])] = field["example"] as JsonValue;
  }
  return example;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
