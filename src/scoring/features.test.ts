import { readFileSync } from "node:fs";

import { CauceError } from "#core";
import { describe, expect, test } from "vitest";

import { createModel, describeModel, exampleRequest, InputError, readFeatures, readXgboost } from "./index.ts";

const ROOT = new URL("../../test/vectors/records/", import.meta.url);
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}/features.json`, ROOT), "utf8")) as Record<string, unknown>;
const booster = (name: string) => readXgboost(readFileSync(new URL(`${name}/model.ubj`, ROOT)));
const json = read("telco");

describe("says why it cannot use features.json:", () => {
  test.each([
    ["not an object", [], "is not a JSON object"],
    ["another version", { ...json, version: 2 }, "version 2"],
    ["no fields", { ...json, fields: undefined }, '"fields" is not an array'],
    ["an unknown kind", { ...json, fields: [{ name: "a", kind: "colour" }] }, "the kind colour"],
    ["a category without categories", { ...json, fields: [{ name: "a", kind: "category" }] }, "no categories"],
    ["a feature of no field", { ...json, features: [{ name: "a", field: "b", encoding: "number" }] }, "the field b"],
    [
      "an encoding of another kind",
      { ...json, features: [{ name: "a", field: "tenure", encoding: "month" }] },
      "the encoding month",
    ],
    ["another task", { ...json, target: { name: "a", task: "rank" } }, "task is rank"],
    ["one class", { ...json, target: { name: "a", task: "binary", classes: ["x"] } }, "1 classes"],
  ])("%s", (_name, value, why) => {
    expect(() => readFeatures(value)).toThrow(CauceError);
    expect(() => readFeatures(value)).toThrow(why);
  });
});

test("refuses a model that is of other features", () => {
  expect(() => createModel(readFeatures(json), booster("penguins"))).toThrow("do not belong together");
});

test("describes a model, with a request that works", () => {
  const features = readFeatures(json);
  const description = describeModel(features);
  expect(description.target).toEqual({ name: "Churn", task: "binary", classes: ["No", "Yes"], positive: "Yes" });
  expect(description.fields.map(({ name }) => name)).toContain("tenure");
  expect(description.ignored).toEqual(["customerID", "Churn"]);
  const model = createModel(features, booster("telco"));
  const reply = model.reply(JSON.stringify(description.example));
  expect(reply.status).toBe(200);
  expect(model.answer(exampleRequest(features))).toEqual(JSON.parse(reply.body));
  expect(model.answerMany([{}, {}])).toEqual([model.answer({}), model.answer({})]);
});

test("a mistake is an InputError with the body for the caller", () => {
  const model = createModel(readFeatures(json), booster("telco"));
  const failing = () => model.answer({ tenure: "long" });
  expect(failing).toThrow(InputError);
  try {
    failing();
  } catch (error) {
    expect(JSON.parse((error as InputError).body)).toEqual({
      error: {
        code: "WrongType",
        message: '"tenure" must be a number, but it is the text "long".',
        field: "tenure",
        expected: "a number",
      },
    });
  }
});
