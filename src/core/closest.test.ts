import { expect, test } from "vitest";
import { closest } from "./closest.ts";

test.each([
  ["tenuer", ["gender", "tenure"], "tenure"],
  ["Contrct", ["Contract", "Churn"], "Contract"],
  ["CHURN", ["churn"], "churn"],
  ["xyz", ["tenure", "gender"], undefined],
])("%s among %j is %s", (word, names, expected) => expect(closest(word, names)).toBe(expected));
