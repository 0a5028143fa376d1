import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lambda } from "@aws-sdk/client-lambda";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { startCauce } from "#test/start-cauce";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually, startLambdaCase } from "./lambda-case.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cauce-lambda-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const CODE = `exports.handler = async ({ until = 0 }) => { if (Date.now() < until) await new Promise((r) => setTimeout(r, 60_000)); console.log("done at last"); return 5; };`;

it("stops its processes with the server, and does after a restart what was asked before", async () => {
  const before = await startLambdaCase(home);
  await before.make("lasting", { "index.js": CODE }, { Timeout: 90 });
  await before.lambda.putFunctionEventInvokeConfig({ FunctionName: "lasting", MaximumRetryAttempts: 0 });
  expect((await before.invoke("lasting")).value).toBe(5);
  const until = Date.now() + 2000;
  const payload = JSON.stringify({ until });
  await before.lambda.invoke({ FunctionName: "lasting", InvocationType: "Event", Payload: payload });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(readdirSync(join(home, "processes")).length).toBeGreaterThan(0);
  const started = Date.now();
  await before.cauce.close();
  // Long before the handler would end by itself.
  expect(Date.now() - started).toBeLessThan(30_000);
  expect(readdirSync(join(home, "processes"))).toEqual([]);

  // What a crash may leave.
  mkdirSync(join(home, "lambda/code/abandoned.1.partial"), { recursive: true });
  writeFileSync(join(home, "lambda/code/abandoned.1.partial/x"), "");
  const nameless = join(home, "blobs/00", "0".repeat(32));
  mkdirSync(join(home, "blobs/00"), { recursive: true });
  writeFileSync(nameless, "the zip of a function whose row was removed just before the kill");
  // Whoever is asked before that sleeps for a minute again.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, until + 200 - Date.now())));
  await using after = await startCauce({ home });
  const logs = new CloudWatchLogs(after.client);
  await eventually(async () => {
    const { events = [] } = await logs.filterLogEvents({
      logGroupName: "/aws/lambda/lasting",
      filterPattern: '"done at last"',
    });
    return events.length === 2 ? events : undefined;
  }, 20_000);
  const { Payload } = await new Lambda(after.client).invoke({ FunctionName: "lasting" });
  expect(Buffer.from(Payload ?? []).toString()).toBe("5");
  expect(existsSync(join(home, "lambda/code/abandoned.1.partial"))).toBe(false);
  expect(existsSync(nameless)).toBe(false);
  expect(after.reports).toEqual([]);
});
