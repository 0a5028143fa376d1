import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { createModel, readFeatures, readXgboost } from "#scoring";
import { afterAll, beforeAll, expect, test } from "vitest";

import { shareRuntimes } from "#test/shared-runtimes";
import { requireRuntime } from "../../src/services/sagemaker/compute/index.ts";

// Trains in Python: some 3 seconds a table; the first run also makes the runtime.

const ROOT = resolve(import.meta.dirname, "../..");
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
let home: string;
let python: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-scoring-"));
  await shareRuntimes(home);
  python = (await requireRuntime({ home, assets: ROOT }, IMAGE)).python;
}, 600_000);

afterAll(() => rm(home, { recursive: true, force: true }));

test.each([
  ["telco_churn.csv", { target: "Churn" }],
  ["penguins.csv", { target: "species" }],
  ["california_housing.csv", { target: "median_house_value" }],
  ["ames_housing.csv", { target: "price", features: { "Garage.Type": { kind: "text" } } }],
  ["bike_sharing_hour.csv", { target: "season", task: "multiclass", ignore: ["mnth"] }],
])("the native scorer answers as inference.py does: %s", async (file, settings) => {
  const folder = join(home, file);
  await promisify(execFile)(python, [join(ROOT, "python/tests/answer_all.py"), file, JSON.stringify(settings), folder]);
  const features = readFeatures(JSON.parse(await readFile(join(folder, "model/features.json"), "utf8")));
  const model = createModel(features, readXgboost(await readFile(join(folder, "model/model.ubj"))));
  const reply = model.reply(await readFile(join(folder, "body.json")), "application/json");
  const wanted = numbersOf(JSON.parse(await readFile(join(folder, "answers.json"), "utf8")));
  const got = numbersOf(JSON.parse(reply.body));
  expect(got.labels).toEqual(wanted.labels);
  expect(got.numbers.length).toBeGreaterThan(50);
  const worst = Math.max(
    ...got.numbers.map((value, i) => Math.abs(value - (wanted.numbers[i] ?? Number.NaN)) / Math.abs(value)),
  );
  expect(worst).toBeLessThan(1e-6);
});

function numbersOf(answers: { prediction: unknown; probabilities?: Record<string, number> }[]): {
  labels: unknown[];
  numbers: number[];
} {
  return {
    labels: answers.map(({ prediction, probabilities }) => (probabilities ? prediction : "")),
    numbers: answers.flatMap(({ prediction, probabilities }) =>
      probabilities ? Object.values(probabilities) : [Number(prediction)],
    ),
  };
}
