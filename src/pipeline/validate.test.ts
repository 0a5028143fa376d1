import { describe, expect, it } from "vitest";
import { CauceError } from "#core";
import { projectNameFrom, resolveProject } from "./validate.ts";

const churn = { name: "churn", data: { source: "data/customers.xlsx", target: "Churn" } };

function refusal(project: unknown): { why: string; fix: string } {
  try {
    resolveProject(project);
  } catch (error) {
    if (error instanceof CauceError) return error.explanation;
    throw error;
  }
  throw new Error("It was taken.");
}

describe("resolveProject", () => {
  it.each([
    ["tags", { tags: { "a&b": "x" } }],
    ["tags", { tags: { "aws:team": "x" } }],
    ["tags", { tags: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`t${i}`, "x"])) }],
    ["train.hyperparameters", { train: { script: "train.py", hyperparameters: { note: "x".repeat(2501) } } }],
    ["api.cors", { api: { cors: Array.from({ length: 100 }, (_, i) => `https://${"a".repeat(30)}${i}.example`) } }],
  ])("knows the limits of AWS before AWS says so: %s", (field, changes) => {
    expect(refusal({ ...churn, ...changes }).why).toContain(`\`${field}\``);
  });

  it("fills in every default", () => {
    expect(resolveProject(churn)).toMatchObject({
      prepare: { testFraction: 0.2, seed: 0 },
      train: { algorithm: "xgboost", type: "ml.m5.large" },
      approve: "automatic",
      deploy: { on: "endpoint", instances: 1, type: "ml.m5.large" },
      api: { path: "/predict", stage: "prod", cors: ["*"], unknownFields: "refuse" },
      warnings: [],
    });
  });

  it.each([
    [{ on: "serverless" }, { on: "serverless", memory: 2048, concurrency: 5 }],
    [{ on: "lambda" }, { on: "lambda", memory: 512 }],
    [
      { instances: { min: 1, max: 4 }, invocationsPerInstance: 200, maxIdle: "8 hours" },
      {
        on: "endpoint",
        instances: 1,
        type: "ml.m5.large",
        scaling: { min: 1, max: 4, invocationsPerInstance: 200 },
        maxIdle: 480,
      },
    ],
  ])("takes each way of serving: %j", (deploy, resolved) => {
    expect(resolveProject({ ...churn, deploy }).deploy).toEqual(resolved);
  });

  it.each([
    [undefined, "What it exports is missing.", "Export a project: an object with `name` and `data`."],
    [{ ...churn, name: undefined }, "`name` is missing.", "at most 32 lower-case letters"],
    [{ ...churn, name: "My Model" }, '`name` is "My Model".', "at most 32 lower-case letters"],
    [{ ...churn, name: "a-" }, '`name` is "a-".', "single hyphens"],
    [{ name: "churn" }, "`data` is missing.", "an object with `source` and `target`"],
    [{ ...churn, data: { source: "x.csv" } }, "`data.target` is missing.", "the name of the column to predict"],
    [{ ...churn, trian: {} }, "`trian` is not something a project has.", "Did you mean `train`?"],
    [
      { ...churn, deploy: { instance: 2 } },
      "`deploy.instance` is not something a project has.",
      "Did you mean `instances`?",
    ],
    [{ ...churn, deploy: { instances: 0 } }, "`deploy.instances` is 0.", "1 or more"],
    [{ ...churn, deploy: { instances: { min: 3, max: 2 } } }, "`deploy.instances` is", "{ min: 1, max: 4 }"],
    [{ ...churn, deploy: { instances: { min: 1, max: 2 } } }, "`deploy.invocationsPerInstance` is missing.", "200"],
    [{ ...churn, deploy: { invocationsPerInstance: 200 } }, "`deploy.instances` is missing.", "{ min: 1, max: 4 }"],
    [{ ...churn, deploy: { maxIdle: "soon" } }, '`deploy.maxIdle` is "soon".', '"8 hours"'],
    [{ ...churn, deploy: { on: "server" } }, '`deploy.on` is "server".', '"serverless" or "lambda"'],
    [
      { ...churn, deploy: { on: "serverless", type: "ml.m5.large" } },
      '`deploy.type` is "ml.m5.large".',
      'Leave `deploy.type` out: it belongs to `on: "endpoint"`.',
    ],
    [{ ...churn, deploy: { on: "serverless", memory: 1500 } }, "`deploy.memory` is 1500.", "one of 1024, 2048"],
    [{ ...churn, deploy: { on: "lambda", memory: 64 } }, "`deploy.memory` is 64.", "from 128 to 10240"],
    [
      { ...churn, deploy: { on: "lambda", concurrency: 5 } },
      "`deploy.concurrency` is 5.",
      'belongs to `on: "serverless"`',
    ],
    [
      { ...churn, deploy: { on: "lambda" }, train: { script: "train.py" } },
      '`deploy.on` is "lambda".',
      '"endpoint" or "serverless": a model of its own program',
    ],
    [{ ...churn, evaluate: { metric: "AUC" } }, '`evaluate.metric` is "AUC".', '"auc" or'],
    [{ ...churn, evaluate: { metric: "auc", atMost: 1 } }, "`evaluate.atMost` is 1.", "Leave `evaluate.atMost` out"],
    [
      { ...churn, evaluate: { metric: "rmse", atLeast: 1 } },
      "`evaluate.atLeast` is 1.",
      "Leave `evaluate.atLeast` out",
    ],
    [
      { ...churn, train: { hyperparameters: { max_deph: 3 } } },
      "`train.hyperparameters.max_deph`",
      "Did you mean `max_depth`?",
    ],
    [{ ...churn, train: { script: "../train.py" } }, '`train.script` is "../train.py".', "in the project's folder"],
    [{ ...churn, prepare: { script: "prepare.py" } }, "`train.script` is missing.", "the script that trains"],
    [
      { ...churn, prepare: { script: "a/prepare.py" }, train: { script: "b/train.py" } },
      "`prepare.script`",
      "in the folder of `train.script`",
    ],
    [{ ...churn, prepare: { outputs: ["test"] } }, "`prepare.outputs`", "Leave `prepare.outputs` out"],
    [{ ...churn, data: { ...churn.data, ignore: ["Churn"] } }, "`data.ignore`", 'other than the target "Churn"'],
    [{ ...churn, api: { path: "predict" } }, '`api.path` is "predict".', '"/predict"'],
    [{ ...churn, api: { cors: ["example.com"] } }, "`api.cors`", "https://example.com"],
  ])("refuses %j with its field and what was expected", (project, why, fix) => {
    expect(refusal(project).why).toContain(why);
    expect(refusal(project).fix).toContain(fix);
  });

  it("takes the instance type of old tutorials for the one that exists, and says so", () => {
    const project = resolveProject({ ...churn, deploy: { type: "ml.m4.large" } });
    expect(project.deploy).toMatchObject({ type: "ml.m5.large" });
    expect(project.warnings).toEqual(["deploy.type: SageMaker has no ml.m4.large; ml.m5.large is used instead."]);
  });
});

describe("projectNameFrom", () => {
  it.each([
    ["customers.xlsx", "customers"],
    ["data/Telco Customer-Churn (2).csv", "telco-customer-churn-2"],
    ["2024_ventas_año.csv", "ventas-ano"],
    ["日本.csv", "model"],
    [`${"x".repeat(40)}.csv`, "x".repeat(32)],
  ])("makes a name of %s", (text, name) => {
    expect(projectNameFrom(text)).toBe(name);
    expect(resolveProject({ ...churn, name }).name).toBe(name);
  });
});
