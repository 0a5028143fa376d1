import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { holdLock } from "./lock-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cauce-lock-"));
  file = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a lock", () => {
  test("is waited for, and who waits is told once who has it", async () => {
    const first = await holdLock(file);
    const told: unknown[] = [];
    const second = holdLock(file, { onWait: (pid) => told.push(pid) });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(told).toEqual([process.pid]);
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
    expect(existsSync(file)).toBe(false);
  });

  test("of a process that is gone is taken over", async () => {
    writeFileSync(file, JSON.stringify({ pid: 4_194_300, birth: "1" }));
    (await holdLock(file))[Symbol.dispose]();
    writeFileSync(file, JSON.stringify({ pid: process.pid, birth: "another birth" }));
    (await holdLock(file))[Symbol.dispose]();
  });

  test("whose maker was killed before it wrote its name is taken over after a moment", async () => {
    writeFileSync(file, "");
    const ago = Date.now() / 1000 - 10;
    utimesSync(file, ago, ago);
    (await holdLock(file))[Symbol.dispose]();
    // The clock was set back since.
    writeFileSync(file, "");
    utimesSync(file, ago + 3600, ago + 3600);
    (await holdLock(file))[Symbol.dispose]();
  });

  test("is not waited for any more when that is asked", async () => {
    using _lock = await holdLock(file);
    await expect(holdLock(file, { signal: AbortSignal.timeout(150) })).rejects.toThrow(/abort/i);
  });
});
