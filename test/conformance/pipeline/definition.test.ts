import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { isRecord, type JsonObject } from "#core";
import { type Contents, resolveProject, type Step, synth } from "#pipeline";
import { type ServiceModel, validate } from "#protocol";

const model = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../../models/sagemaker.json"), "utf8"),
) as ServiceModel;
const digest = "0".repeat(32);
const contents: Contents = {
  source: { name: "customers.xlsx", sha256: digest },
  code: digest,
  functions: { extract: digest, predict: digest, deploy: digest },
};

/** The operation that each type of step becomes, and what the pipeline adds to its arguments. */
const OPERATIONS: Readonly<Record<string, { readonly operation: string; readonly adds: JsonObject }>> = {
  Processing: { operation: "CreateProcessingJob", adds: { ProcessingJobName: "job" } },
  Training: { operation: "CreateTrainingJob", adds: { TrainingJobName: "job" } },
  RegisterModel: { operation: "CreateModelPackage", adds: {} },
};

it.each([
  { name: "churn", data: { source: "customers.xlsx", target: "Churn" } },
  {
    name: "a".repeat(32),
    data: { source: "x.csv", target: "y", task: "regression", sheet: "S", header: false },
    approve: "manual",
    train: { hyperparameters: { eta: 0.1, refit: false } },
    evaluate: { metric: "rmse", atMost: 3 },
  },
])("gives every step arguments that AWS's own model of its operation takes ($name)", (project) => {
  const { definition } = synth(resolveProject(project), contents, { account: "000000000000", region: "us-east-1" });
  const checked: string[] = [];
  for (const step of everyStep(definition.Steps)) {
    const api = OPERATIONS[step.Type];
    if (!api) continue;
    validate(
      { model, operation: api.operation, quirks: {} },
      { ...(known(step.Arguments) as JsonObject), ...api.adds },
    );
    expect(unknownMembers(known(step.Arguments), model.operations[api.operation]?.input?.shape ?? "")).toEqual([]);
    checked.push(step.Name);
  }
  expect(checked).toEqual(["Prepare", "Train", "Evaluate", "Register"]);
});

it("would refuse what AWS refuses", () => {
  const at = { model, operation: "CreateTrainingJob", quirks: {} };
  expect(() => validate(at, { TrainingJobName: "job", ResourceConfig: { InstanceType: "ml.m4.large" } })).toThrow(
    /ml\.m4\.large/,
  );
  expect(unknownMembers({ Roll: "x" }, "CreateTrainingJobRequest")).toEqual(["Roll"]);
});

function everyStep(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => {
    const { IfSteps = [], ElseSteps = [] } = step.Arguments as {
      IfSteps?: readonly Step[];
      ElseSteps?: readonly Step[];
    };
    return [step, ...everyStep(IfSteps), ...everyStep(ElseSteps)];
  });
}

/** The arguments as they are when the pipeline runs: a value in the place of every reference. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(known);
  if (!isRecord(value)) return value;
  const [key] = Object.keys(value);
  if (key === "Get" || key?.startsWith("Std:")) return "s3://bucket/prefix";
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, known(inner)]));
}

/** Paths of members that the model does not have. */
function unknownMembers(value: unknown, shape: string, path = ""): readonly string[] {
  const {
    type,
    members = {},
    member,
    value: inner,
  } = model.shapes[shape] as {
    type: string;
    members?: Record<string, { shape: string }>;
    member?: { shape: string };
    value?: { shape: string };
  };
  if (type === "list" && Array.isArray(value))
    return value.flatMap((item) => unknownMembers(item, member?.shape ?? "", path));
  if (type === "map" && isRecord(value))
    return Object.values(value).flatMap((item) => unknownMembers(item, inner?.shape ?? "", path));
  if (type !== "structure" || !isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    members[name] === undefined ? [`${path}${name}`] : unknownMembers(item, members[name].shape, `${path}${name}.`),
  );
}
