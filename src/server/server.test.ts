import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostsOf } from "./gateway.ts";
import { claimHome } from "./lock.ts";
import { startCauce } from "#test/start-cauce";

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "cauce-lock-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("a home", () => {
  test("has one server; the next one is told which process has it", () => {
    const claim = claimHome(home);
    expect(() => claimHome(home)).toThrow(`It runs as process ${process.pid}`);
    claim.release();
    claimHome(home).release();
  });

  test("is taken over from a server that died, and from one whose number another process has now", () => {
    writeFileSync(join(home, "server.lock"), JSON.stringify({ pid: 4_194_300, birth: "1" }));
    claimHome(home).release();
    writeFileSync(join(home, "server.lock"), JSON.stringify({ pid: process.pid, birth: "another birth" }));
    claimHome(home).release();
  });

  test("keeps its keys and its state from one server to the next, and the keys from others", async () => {
    const first = await startCauce({ home });
    await first.close();
    const second = await startCauce({ home });
    expect(second.credentials).toEqual(first.credentials);
    await second.close();
    expect(statSync(join(home, "credentials")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home, "credentials"), "utf8")).toContain(first.credentials.accessKeyId);
  });
});

describe("hosts", () => {
  test.each([
    "127.0.0.1:4566",
    "localhost",
    "a.execute-api.localhost:1",
    "bucket.s3.localhost",
    "[::1]:80",
    "127.9.9.9",
  ])("%s is ours", (host) => expect(hostsOf("127.0.0.1")(host)).toBe(true));
  test.each([
    "example.com",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "evil-localhost",
    "",
    "10.0.0.1",
    "127.0.0.1@x",
  ])("%j is not", (host) => expect(hostsOf("127.0.0.1")(host)).toBe(false));
  test("a server that listens elsewhere answers to addresses and to that name, not to any name", () => {
    const isOurs = hostsOf("0.0.0.0");
    expect([isOurs("10.0.0.1:4566"), isOurs("0.0.0.0"), isOurs("example.com")]).toEqual([true, true, false]);
  });
});
