import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LambdaCase, startLambdaCase } from "./lambda-case.ts";

let on: LambdaCase;
beforeAll(async () => {
  on = await startLambdaCase();
});
afterAll(() => on[Symbol.asyncDispose]());

it("answers a burst on a cold function with a few processes, not with one for every caller", async () => {
  // Slow to start, quick to answer.
  const code = `for (const end = Date.now() + 60; Date.now() < end; );\nexports.handler = async () => process.env.AWS_LAMBDA_LOG_STREAM_NAME;`;
  await on.make("burst", { "index.js": code });
  const answers = await Promise.all(Array.from({ length: 40 }, () => on.invoke("burst")));
  expect(answers.every(({ error }) => error === undefined)).toBe(true);
  expect(new Set(answers.map(({ value }) => value)).size).toBeLessThanOrEqual(availableParallelism() * 2);
});

it("gives more processes to those who call what waits", async () => {
  const code = `exports.handler = () => new Promise((resolve) => setTimeout(resolve, 1500, process.env.AWS_LAMBDA_LOG_STREAM_NAME));`;
  await on.make("waits", { "index.js": code });
  const few = availableParallelism() * 2;
  const answers = await Promise.all(Array.from({ length: few * 3 }, () => on.invoke("waits")));
  expect(answers.every(({ error }) => error === undefined)).toBe(true);
  expect(new Set(answers.map(({ value }) => value)).size).toBeGreaterThan(few);
});
