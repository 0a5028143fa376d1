import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { createBuiltInScorer, readXgboost } from "./index.ts";

const ROOT = new URL("../../test/vectors/records/", import.meta.url);
const load = (name: string) => readXgboost(readFileSync(new URL(`${name}/model.ubj`, ROOT)));
const california = load("california");
const penguins = load("penguins");
const values = [-122.23, 37.88, 41, 880, 129, 322, 126, 8.3252, 3];
const row = values.join(",");
const [answer = 0] = california.predict(Float32Array.from(values));
const said = Number.isInteger(answer) ? `${answer}.0` : String(answer);

test.each([
  ["a row", row, "text/csv", said],
  ["rows", `${row}\n${row}\r\n`, "text/csv; charset=utf-8", `${said},${said}`],
  ["tabs", values.join("\t"), "text/csv", said],
  ["no content type", row, undefined, said],
  ["libsvm, with a label", `1 ${values.map((value, i) => `${i}:${value}`).join(" ")}`, "text/libsvm", said],
  ["libsvm, without", values.map((value, i) => `${i}:${value}`).join(" "), "text/x-libsvm", said],
])("%s", (_name, body, type, wanted) => {
  const reply = createBuiltInScorer(california).reply(new TextEncoder().encode(body), type);
  expect(reply).toEqual({ status: 200, body: wanted, contentType: "text/csv; charset=utf-8" });
});

test("what is not there is missing, in CSV and libsvm alike", () => {
  const scorer = createBuiltInScorer(california);
  expect(scorer.reply(",,,,,,,8.3252,").body).toBe(scorer.reply("7:8.3252", "text/libsvm").body);
  expect(scorer.reply("nan,NaN,,,,,,8.3252,nan").body).toBe(scorer.reply("7:8.3252", "text/libsvm").body);
});

test("several outputs are written as Python prints a list", () => {
  const reply = createBuiltInScorer(penguins).reply("0,39.1,18.7,181,3750,1,2007");
  expect(reply.body).toMatch(/^\[0\.\d+, \d\.\d+(e-\d\d)?, \d\.\d+(e-\d\d)?\]$/);
  const shares = JSON.parse(reply.body) as number[];
  expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
});

test("in a batch job, a prediction is a line", () => {
  const scorer = createBuiltInScorer(california, { batch: true });
  expect(scorer.reply(`${row}\n${row}`).body).toBe(`${said}\n${said}\n`);
});

test.each([
  ["", undefined, 204],
  ["1,2", "text/csv", 400],
  ["a,b,c,d,e,f,g,h,i", "text/csv", 415],
  ["0x1,2,3,4,5,6,7,8,9", "text/csv", 415],
  ["9:1", "text/libsvm", 400],
  ["x:1", "text/libsvm", 415],
  ["{}", "application/json", 415],
])("%j as %s is %d", (body, type, status) => {
  expect(createBuiltInScorer(california).reply(body, type).status).toBe(status);
});
