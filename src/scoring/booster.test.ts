import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import { CauceError } from "#core";
import { describe, expect, test } from "vitest";

import { readXgboost } from "./index.ts";

const ROOT = new URL("../../test/vectors/boosters/", import.meta.url);

/** Written by python/tests/make_boosters.py with that version of XGBoost. */
interface Vector {
  readonly name: string;
  readonly ubj: string;
  readonly json?: unknown;
  readonly rows: readonly (number | null)[];
  readonly margins: readonly number[];
  readonly predictions: readonly number[];
  readonly best?: readonly number[];
}

const read = (file: string): readonly Vector[] =>
  JSON.parse(readFileSync(new URL(file, ROOT), "utf8")) as readonly Vector[];
const unpack = (vector: Vector): Uint8Array => gunzipSync(Buffer.from(vector.ubj, "base64"));
const toRows = (vector: Vector): Float32Array => Float32Array.from(vector.rows, (value) => value ?? Number.NaN);

describe.each(readdirSync(ROOT))("models of XGBoost %s", (file) => {
  test.each(read(file))("$name", (vector) => {
    const booster = readXgboost(unpack(vector));
    expectNear(booster.margin(toRows(vector)), vector.margins);
    expectNear(booster.predict(toRows(vector)), vector.predictions);
    if (vector.json !== undefined) {
      const same = readXgboost(new TextEncoder().encode(JSON.stringify(vector.json)));
      expect(same.margin(toRows(vector))).toEqual(booster.margin(toRows(vector)));
    }
  });
});

const [model] = read("3.2.0.json");
const find = (name: string): Vector => read("3.2.0.json").find((vector) => vector.name === name) as Vector;

test("stops at the best iteration when asked to", () => {
  const vector = find("early");
  const bytes = unpack(vector);
  expectNear(readXgboost(bytes, { bestIteration: true }).predict(toRows(vector)), vector.best ?? []);
  expect(vector.best).not.toEqual(vector.predictions);
});

describe("says what is wrong with", () => {
  const ubj = unpack(find("binary:logistic"));
  const json = model?.json as { learner: Record<string, unknown> };
  const changed = (learner: Record<string, unknown>): Uint8Array =>
    new TextEncoder().encode(JSON.stringify({ learner: { ...json.learner, ...learner } }));
  const trees = (change: Record<string, unknown>): Uint8Array => {
    const copy = structuredClone(json) as unknown as {
      learner: { gradient_booster: { model: { trees: Record<string, unknown>[] } } };
    };
    Object.assign(copy.learner.gradient_booster.model.trees[0] ?? {}, change);
    return new TextEncoder().encode(JSON.stringify(copy));
  };

  test.each([
    ["nothing", new Uint8Array(0), "neither JSON nor UBJSON"],
    ["a pickle", Uint8Array.of(0x80, 4, 1), "pickle"],
    ["another JSON", new TextEncoder().encode('{"a": 1}'), '"learner"'],
    ["JSON that is cut off", new TextEncoder().encode('{"learner": {'), "JSON"],
    ["UBJSON that is cut off", ubj.subarray(0, 2000), "It ends inside an array"],
    ["another objective", changed({ objective: { name: "survival:aft" } }), "survival:aft"],
    ["another booster", changed({ gradient_booster: { name: "gblinear" } }), "gblinear"],
    ["a cycle", trees({ left_children: [0, 0, 0], right_children: [0, 0, 0] }), "do not form a tree"],
    ["a child outside", trees({ left_children: [99, -1, -1] }), "do not form a tree"],
    ["a feature outside", trees({ split_indices: Array.from({ length: 99 }, () => 77) }), "feature 77"],
    ["leaves that are vectors", trees({ tree_param: { size_leaf_vector: "3" } }), "vectors"],
  ])("%s", (_name, bytes, why) => {
    expect(() => readXgboost(bytes)).toThrow(CauceError);
    expect(() => readXgboost(bytes)).toThrow(why);
  });
});

/** Within 1e-6, relative; 32-bit infinities and zeros exactly. */
function expectNear(got: Float32Array, wanted: readonly number[]): void {
  const near = Array.from(got, (value, i) => {
    const goal = wanted[i] ?? Number.NaN;
    return Math.abs(value - goal) <= 1e-6 * Math.max(Math.abs(goal), 1e-6) ? goal : value;
  });
  expect(near).toEqual(wanted);
}
