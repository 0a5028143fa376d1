import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ServiceModel } from "./model.ts";
import { compilePattern } from "./pattern.ts";

const MODELS = new URL("../../models/", import.meta.url);
const models = readdirSync(MODELS)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, MODELS), "utf8")) as Partial<ServiceModel>);

test("every pattern of every model has its equal here", () => {
  const patterns = new Set(
    models.flatMap(({ shapes }) => Object.values(shapes ?? {}).flatMap(({ pattern }) => pattern ?? [])),
  );
  expect(patterns.size).toBeGreaterThan(100);
  expect([...patterns].filter((pattern) => !compilePattern(pattern))).toEqual([]);
});

test.each([
  ["[a-z]+", "abc", "abc1"],
  ["[\\p{Alnum}\\-]*+", "a-1", "a_1"],
  ["\\p{Upper}\\P{L}", "A1", "Ab"],
  ["[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\t]*", "a😹", "a\u0001"],
  ["(?s).*", "a\nb", undefined],
  [".*", "ab", "a\nb"],
  ["\\Aab\\z", "ab", "abc"],
  ["[\\w+=,.@-]+", "a+b@c", "a b"],
  ["a\\_b", "a_b", "ab"],
  ["(a)${1,128}", "a", "aa"],
])("%s", (pattern, fits, differs) => {
  const compiled = compilePattern(pattern);
  expect(compiled?.test(fits)).toBe(true);
  if (differs !== undefined) expect(compiled?.test(differs)).toBe(false);
});
