import { describe, expect, it } from "vitest";
import { adviceIn, explanationIn } from "./failure.ts";

const explanation = {
  code: "TargetMissing",
  what: "a.csv cannot be learned from.",
  why: 'It has no column "x}y".',
  fix: "Did you mean {z}?",
};
const text = JSON.stringify(explanation);

describe("explanationIn", () => {
  it.each([
    ["as it is", text],
    ["behind a name", `CauceError: ${text}`],
    ["inside a sentence", `The Lambda function failed: ${text} (request 1)`],
    ["inside another JSON", JSON.stringify({ errorType: "CauceError", errorMessage: text })],
  ])("finds an explanation %s", (_where, reason) => {
    expect(explanationIn(reason)).toEqual(explanation);
  });

  it.each(["Step failed.", '{"code": 1}', '{"code":"x"', '{"code":"x","what":"y"}'])("finds none in %s", (reason) => {
    expect(explanationIn(reason)).toBeUndefined();
  });
});

describe("adviceIn", () => {
  it.each([
    ['"k" has 250 different values, too many classes (at most 200).', "Predict another column, or a number."],
    ["No column is left to predict from: id is an id.", "Add columns that the target depends on."],
    ["requirements.txt could not be installed. ERROR: no x==9.1.", "Check the names in it and in setup.cfg."],
  ])("%s", (why, fix) => {
    expect(adviceIn(`${why} ${fix}`)).toEqual({ why, fix });
  });

  it("takes nothing apart that ends otherwise", () => {
    expect(adviceIn("Add rows.")).toBeUndefined();
    expect(adviceIn("It is full. Use it? No. It is gone.")).toBeUndefined();
  });
});
