import { describe, expect, it } from "vitest";
import { explanationIn } from "./failure.ts";

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
