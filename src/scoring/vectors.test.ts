import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { createModel, readFeatures, readXgboost } from "./index.ts";
import { compileRequests } from "./requests.ts";

const ROOT = new URL("../../test/vectors/records/", import.meta.url);

interface Vectors {
  readonly cases: readonly {
    readonly body: string;
    readonly contentType?: string;
    readonly status: number;
    readonly answer: unknown;
  }[];
  readonly encoded: readonly (readonly (number | null)[])[];
  readonly margins: readonly (readonly number[])[];
}

/** What inference.py said to these requests; python/tests/test_vectors.py holds Python to the same files. */
describe.each(readdirSync(ROOT))("%s", (name) => {
  const read = (file: string) => readFileSync(new URL(`${name}/${file}`, ROOT));
  const features = readFeatures(JSON.parse(read("features.json").toString()));
  const booster = readXgboost(read("model.ubj"));
  const model = createModel(features, booster);
  const vectors = JSON.parse(read("cases.json").toString()) as Vectors;

  test("margins are XGBoost's, bit by bit", () => {
    const rows = Float32Array.from(vectors.encoded.flat(), (value) => value ?? Number.NaN);
    expect(Array.from(booster.margin(rows))).toEqual(vectors.margins.flat());
  });

  test("raw records become the numbers that training saw", () => {
    const [first] = vectors.cases;
    const { rows } = compileRequests(features).read(first?.body ?? "");
    expect(Array.from(rows, (value) => (Number.isNaN(value) ? null : value))).toEqual(vectors.encoded.flat());
  });

  test.each(vectors.cases)("$status for $body", ({ body, contentType, status, answer }) => {
    for (const sent of [body, new TextEncoder().encode(body)]) {
      const reply = model.reply(sent, contentType);
      expect({ status: reply.status, answer: near(JSON.parse(reply.body), answer) }).toEqual({ status, answer });
    }
  });
});

/** `got`, with each number that is within 1e-6 of what was wanted replaced by that. */
function near(got: unknown, wanted: unknown): unknown {
  if (typeof got === "number" && typeof wanted === "number")
    return Math.abs(got - wanted) <= 1e-6 * Math.abs(wanted) ? wanted : got;
  if (Array.isArray(got) && Array.isArray(wanted)) return got.map((item, i) => near(item, wanted[i]));
  if (typeof got !== "object" || got === null || typeof wanted !== "object" || wanted === null) return got;
  return Object.fromEntries(
    Object.entries(got).map(([key, value]) => [key, near(value, (wanted as Record<string, unknown>)[key])]),
  );
}
