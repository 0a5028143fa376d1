import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, copyExample, openHome, type Ran } from "#test/cauce-process";

const GENTOO = { island: "Biscoe", bill_length_mm: 47, bill_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };

/** One story, told in order: each test goes on where the one before ended. */
describe("the life of examples/own-script", { timeout: 180_000 }, () => {
  let user: CauceHome;
  let project: string;
  let url: string;
  const write = (name: string, text: string) => writeFileSync(join(project, name), text);
  const edit = (name: string, from: string, to: string) => {
    const text = readFileSync(join(project, name), "utf8");
    expect(text).toContain(from);
    write(name, text.replace(from, to));
  };
  const up = async () => {
    const ran = await user.cauce(["up", "own", "--json"]);
    return { code: ran.code, said: last(ran), steps: stepStates(last(ran)) };
  };

  beforeAll(async () => {
    user = await openHome();
    project = await copyExample("own-script", join(user.work, "own"));
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("trains with the project's script, judges the model, and serves it", async () => {
    const { code, said } = await up();
    expect({ code, said }).toMatchObject({
      code: 0,
      said: { task: "multiclass", rows: 344, metrics: { accuracy: expect.any(Number), f1_macro: expect.any(Number) } },
    });
    expect((said["metrics"] as { accuracy: number }).accuracy).toBeGreaterThan(0.95);
    url = String(said["url"]);
    const { body } = await post(url, GENTOO);
    expect(body).toMatchObject({ prediction: "Gentoo" });
    expect(Object.keys((body as { probabilities: object }).probabilities)).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
    expect((await post(url, { ilsand: "Biscoe" })).body).toMatchObject({
      error: { message: expect.stringContaining('Did you mean "island"?') },
    });
    const log = (await user.cauce(["logs", "train", "--name", "penguins"])).stdout;
    expect(log).toMatch(/--min-samples-leaf 2 --n-estimators 200/);
  });

  it("does nothing when nothing has changed, and trains again when the script does", async () => {
    expect((await up()).said).toMatchObject({ unchanged: true });
    edit("train.py", "random_state=0", "random_state=1");
    const plan = last(await user.cauce(["plan", "own", "--json"])) as { steps: { name: string }[] };
    expect(plan.steps.map(({ name }) => name)).toEqual(["Train", "Evaluate", "Gate"]);
    expect(await up()).toMatchObject({ code: 0, steps: { prepare: "cached", train: "done" } });
  });

  it("tells the line of the script that failed, and what serves still serves", async () => {
    edit("train.py", 'train["species"])\n    accuracy', 'train["spceies"])\n    accuracy');
    const { code, said } = await up();
    const line = readFileSync(join(project, "train.py"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes("spceies"));
    expect({ code, said }).toMatchObject({
      code: 1,
      said: { error: { code: "ScriptFailed", what: `train.py, line ${line + 1}: KeyError: 'spceies'` } },
    });
    expect((await user.cauce(["logs", "train", "--name", "penguins"])).stdout).toContain("Traceback");
    expect((await post(url, GENTOO)).body).toMatchObject({ prediction: "Gentoo" });
    edit("train.py", "spceies", "species");
  });

  it("serves through the project's inference.py, on what its own prepare script wrote", async () => {
    write("inference.py", INFERENCE);
    write("clean.py", CLEAN);
    edit("cauce.config.ts", "train:", 'prepare: { script: "clean.py" },\n  train:');
    const { code, said } = await up();
    expect({ code, said }).toMatchObject({ code: 0, said: { metrics: { accuracy: expect.any(Number) } } });
    const version = Number(said["version"]);
    await expect.poll(() => served(url), { timeout: 20_000 }).toBe(version);
    expect((await post(url, GENTOO)).body).toEqual(["Gentoo"]);
    expect((await user.cauce(["logs", "prepare", "--name", "penguins"])).stdout).toMatch(/clean: 275 rows/);
  });

  it("tells what is wrong with an inference.py that does not answer", async () => {
    edit("inference.py", "model.predict(table)", "model.perdict(table)");
    expect((await up()).said).toMatchObject({
      error: { why: expect.stringMatching(/inference\.py, line \d+, in predict_fn: AttributeError: .*perdict/) },
    });
  });

  it("refuses a script that is not there, with the closest name", async () => {
    edit("cauce.config.ts", '"train.py"', '"trian.py"');
    expect((await up()).said).toMatchObject({
      error: { code: "ScriptMissing", fix: expect.stringContaining("Did you mean train.py?") },
    });
  });
});

/** As people write it for SageMaker: it answers with labels alone. */
const INFERENCE = `import json
import os

import joblib
import pandas as pd


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(data, content_type):
    records = json.loads(data)
    return pd.DataFrame(records if isinstance(records, list) else [records])


def predict_fn(table, model):
    table = table.reindex(columns=model.feature_names_in_)
    return model.predict(table)


def output_fn(prediction, accept):
    return json.dumps(prediction.tolist()), accept
`;

/** Reads the table where processing scripts do, and makes its own split. */
const CLEAN = `import glob
import os

import pandas as pd

table = pd.read_csv("/opt/ml/processing/input/penguins.csv").drop(columns="year")
print(f"clean: {len(table)} rows")
rows = table.sample(frac=1, random_state=1)
for name, part in (("train", rows[50:]), ("validation", rows[:50])):
    os.makedirs(f"/opt/ml/processing/{name}", exist_ok=True)
    part.to_csv(f"/opt/ml/processing/{name}/{name}.csv", index=False)
`;

function last({ lines }: Ran): Record<string, unknown> {
  return lines.at(-1) ?? {};
}

function stepStates(said: Record<string, unknown>): Record<string, string> {
  const steps = (said["steps"] ?? []) as { name: string; state: string }[];
  return Object.fromEntries(steps.map(({ name, state }) => [name, state]));
}

async function post(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function served(url: string): Promise<number> {
  return ((await (await fetch(url)).json()) as { version: number }).version;
}
