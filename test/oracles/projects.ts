import { resolve } from "node:path";
import { sha256 } from "#core";
import { type Contents, FUNCTIONS, type Place, resolveProject, type Synth, synth } from "#pipeline";
import { gatherModel } from "../../src/pipeline/deploy-model-files.ts";
import { synthModel } from "../../src/pipeline/deploy-model-synth.ts";
import type { Bringable } from "../../src/pipeline/synth.ts";

export const PLACE: Place = { account: "123456789012", region: "us-east-1" };

/** Every kind of project that makes another template or another definition; a new choice in a project gets a line here. */
export const KINDS: Readonly<Record<string, object>> = {
  plain: {},
  regression: {
    data: { source: "x.csv", target: "y", task: "regression", sheet: "S", header: false, missing: ["-"] },
    evaluate: { metric: "rmse", atMost: 3 },
    approve: "manual",
  },
  serverless: { deploy: { on: "serverless", memory: 4096 } },
  "in-lambda": { deploy: { on: "lambda", memory: 1024 } },
  scaled: { deploy: { instances: { min: 1, max: 4 }, invocationsPerInstance: 600 } },
  idle: { deploy: { maxIdle: "8 hours" } },
  tuned: { train: { type: "ml.m5.2xlarge", hyperparameters: { eta: 0.1, refit: false } }, deploy: { instances: 3 } },
  "own-script": { train: { script: "train.py", hyperparameters: { "n-estimators": 200 } } },
  "own-scripts": {
    prepare: { script: "code/preparation.py", outputs: ["train", "test"] },
    train: { script: "code/train.py" },
  },
  image: { train: { image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1" } },
  "no-cors": { api: { cors: [] } },
  origins: { api: { path: "/v1/models/predict", stage: "live", cors: ["https://a.example", "https://b.example"] } },
  tagged: { tags: { team: "sales", "cost centre": "42" } },
};

/** A table that is left in S3. */
const REMOTE = { name: "2024", sha256: "7".repeat(32), folder: true, uri: "s3://sales/2024/" };

export function synthOf(project: object, place: Place = PLACE, source?: Contents["source"]): Synth {
  const resolved = resolveProject({
    name: "churn",
    data: { source: "data/customers.xlsx", target: "Churn" },
    ...project,
  });
  const scripts = resolved.train.script !== undefined && { scripts: "5".repeat(32) };
  const contents: Contents = {
    source: source ?? { name: "customers.xlsx", sha256: "5".repeat(32) },
    code: "c".repeat(32),
    functions: Object.fromEntries(FUNCTIONS.map((name) => [name, sha256(name).slice(0, 32)])) as Contents["functions"],
    ...scripts,
  };
  return synth(resolved, contents, place);
}

/** A server that the Extract function reads, in a network. */
export function synthDatabase(): Synth {
  const source = "postgres://ann@db.internal:5432/sales";
  const vpc = { subnets: ["subnet-0123abcd"], securityGroups: ["sg-0123abcd"] };
  const data = { source, target: "Churn", query: "SELECT * FROM customers", secret: "db/ann", vpc };
  return synthOf({ data }, PLACE, { name: "query.csv", sha256: "8".repeat(32), uri: source });
}

/** A model that was given: its pipeline has a job that looks at it, and no table. */
export async function synthGiven(cache: string, name = "churn", place: Place = PLACE): Promise<Bringable> {
  const assets = resolve(import.meta.dirname, "../..");
  const model = resolve(assets, "test/journeys/penguins.csv");
  const given = {
    name,
    model,
    target: "Churn",
    classes: ["No", "Yes"],
    example: model,
    requirements: "lightgbm==4.6.0\n",
  };
  const files = await gatherModel(given, { assets, cache, platform: "linux-x64" });
  const project = resolveProject({ name, data: { source: "-", target: "Churn" } });
  return synthModel(project, given, files, place).synth;
}

export async function everySynth(cache: string): Promise<readonly (readonly [string, Bringable])[]> {
  return [
    ...Object.entries(KINDS).map(([kind, project]) => [kind, synthOf(project)] as const),
    ["table-in-s3", synthOf({}, PLACE, REMOTE)],
    ["database", synthDatabase()],
    ["given-model", await synthGiven(cache)],
  ];
}
