import { expect, it } from "vitest";
import { CauceError } from "#core";
import { readConfig } from "./config.ts";
import { explainServer } from "./server-trouble.ts";

const config = { ...readConfig(), home: "/home/ana/.cauce" };
const explain = (error: unknown) => explainServer(config, error)?.explanation;

it("tells a full disk from a fault of ours, whoever wrote to it", () => {
  const own = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  expect(explain(own)).toMatchObject({ code: "DiskFull", why: expect.stringContaining("/home/ana/.cauce") as string });
  expect(explain(Object.assign(own, { path: "out.csv" }))?.why).toBe("out.csv could not be written.");
  const server = Object.assign(new Error("The disk is full."), { name: "InternalError" });
  server.message = "The disk of /home/ana/.cauce is full";
  expect(explain(server)).toMatchObject({ code: "DiskFull", what: "The disk of /home/ana/.cauce is full." });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(explain(new Error("fetch failed", { cause: refused }))).toMatchObject({ code: "ServerLost" });
  const database = { code: "DatabaseRefused", what: "postgres://h/d cannot be read.", why: "", fix: "" };
  expect(explain(new CauceError(database, { cause: refused }))).toBeUndefined();
  expect(explain(new Error("x"))).toBeUndefined();
});
