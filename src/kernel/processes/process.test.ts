import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runProcess, spawnProcess, sweepProcesses } from "./index.ts";

const env = { PATH: "/usr/bin:/bin" };
const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "cauce-process-"));
  folders.push(made);
  return made;
};

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

describe("runProcess", () => {
  it("gives each line as it comes, and the exit code", async () => {
    const lines: string[] = [];
    const end = await runProcess({
      command: "sh",
      args: ["-c", "echo one; echo two >&2; printf three; exit 3"],
      env,
      onLine: (stream, line) => lines.push(`${stream}:${line}`),
    });
    expect(end).toEqual({ exitCode: 3 });
    expect(lines.toSorted()).toEqual(["stderr:two", "stdout:one", "stdout:three"]);
  });

  it("passes on no variable of its own", async () => {
    process.env["CAUCE_TEST_SECRET"] = "x";
    const lines: string[] = [];
    await runProcess({ command: "env", env: { ...env, A: "b" }, onLine: (_, line) => lines.push(line) });
    delete process.env["CAUCE_TEST_SECRET"];
    expect(lines.toSorted()).toEqual(["A=b", "PATH=/usr/bin:/bin"]);
  });

  it("keeps arguments as they are: there is no shell", async () => {
    const lines: string[] = [];
    await runProcess({
      command: "echo",
      args: ["$(id)", "; rm -rf x", "a  b"],
      env,
      limits: { openFiles: 200 },
      onLine: (_, line) => lines.push(line),
    });
    expect(lines).toEqual(["$(id) ; rm -rf x a  b"]);
  });

  it("says what is wrong when the command does not exist", async () => {
    await expect(runProcess({ command: "/no/such/program", env: {} })).rejects.toThrow(/could not be started.*ENOENT/);
  });

  it("sets limits", async () => {
    const lines: string[] = [];
    await runProcess({
      command: "sh",
      args: ["-c", "ulimit -n; ulimit -f"],
      env,
      limits: { openFiles: 123, fileBytes: 51_200 },
      onLine: (_, line) => lines.push(line),
    });
    expect(lines).toEqual(["123", "100"]);
  });

  it("stops the whole group when the signal says so, with SIGKILL for those who do not listen", async () => {
    const controller = new AbortController();
    const pids: number[] = [];
    const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 0.1; done' & wait`;
    const running = runProcess({
      command: "sh",
      args: ["-c", script],
      env,
      signal: controller.signal,
      graceMilliseconds: 200,
      onLine: (_, line) => {
        pids.push(Number(line));
        controller.abort();
      },
    });
    expect(await running).toEqual({ signal: "SIGKILL" });
    expect(pids).toHaveLength(1);
    expect(isAlive(pids[0] ?? 0)).toBe(false);
  });

  it("does not wait for what a process left behind holding its pipes", async () => {
    const started = Date.now();
    expect(await runProcess({ command: "sh", args: ["-c", "sleep 30 & exit 0"], env })).toEqual({ exitCode: 0 });
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe("a server that is killed", () => {
  it.each(["alone", "in a namespace"])("takes its processes with it: %s", async (kind) => {
    const at = folder();
    const script = join(at, "server.mts");
    const module = new URL("./index.ts", import.meta.url).pathname;
    const sandbox =
      kind === "alone" ? "{}" : JSON.stringify({ sandbox: { writable: {}, tmp: at, hidden: [], visible: [] } });
    // A name that no other process of this machine has.
    const marker = `54${process.pid}.${kind.length}`;
    writeFileSync(
      script,
      `import { spawnProcess } from ${JSON.stringify(module)};
const command = ["-c", "echo up; sleep ${marker} & sleep ${marker} & wait"];
await spawnProcess({ command: "sh", args: command, env: { PATH: "/usr/bin:/bin" }, ...${sandbox}, onLine: (_, line) => console.log(line) });
setInterval(() => {}, 1000);`,
    );
    // The server here is Node itself, not a wrapper around it, so that the kill reaches it.
    const server = spawn(process.execPath, ["--import", "tsx", script], {
      cwd: new URL("../../..", import.meta.url).pathname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => server.stdout.once("data", resolve));
    const left = () =>
      execFileSync("ps", ["ax", "-o", "args"], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.startsWith(`sleep ${marker}`)).length;
    await expect.poll(left).toBe(2);
    server.kill("SIGKILL");
    await expect.poll(left, { timeout: 5000 }).toBe(0);
  });

  it("is cleaned up after by the records, which end only what they wrote down", async () => {
    const records = join(folder(), "processes");
    const running = await spawnProcess({ command: "sleep", args: ["300"], env, records });
    expect(JSON.parse(readFileSync(join(records, String(running.pid)), "utf8"))).toMatchObject({ pid: running.pid });
    const stranger = await spawnProcess({ command: "sleep", args: ["300"], env });
    writeFileSync(join(records, String(stranger.pid)), JSON.stringify({ pid: stranger.pid, started: "1" }));
    expect(sweepProcesses(records)).toBe(1);
    expect(await running.ended).toEqual({ signal: "SIGKILL" });
    expect(isAlive(stranger.pid)).toBe(true);
    await stranger.stop();
    mkdirSync(records, { recursive: true });
    expect(sweepProcesses(records)).toBe(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
