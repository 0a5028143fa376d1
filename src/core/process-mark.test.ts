import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isRunning, markOf } from "./process-mark.ts";

describe("a process", () => {
  test("runs, and runs no more", async () => {
    const child = spawn("sleep", ["30"]);
    await once(child, "spawn");
    const mark = markOf(child.pid ?? 0);
    expect(isRunning(mark)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isRunning(mark)).toBe(false);
  });

  test.runIf(existsSync("/proc/self/stat"))("with another birth is another one", () => {
    expect(isRunning({ pid: process.pid, birth: "1" })).toBe(false);
  });

  test.runIf(existsSync("/proc/self/stat"))("that was killed and is not collected does not run", () => {
    // The shell becomes a sleep that never collects the child that it started before.
    const { stdout } = spawnSync("sh", ["-c", "sleep 0 & echo $!; exec sleep 1 >/dev/null"], {
      encoding: "utf8",
      timeout: 300,
    });
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(markOf(pid))).toBe(false);
  });
});
