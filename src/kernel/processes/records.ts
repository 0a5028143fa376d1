import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Notes a process, so that it can be found and ended after a crash of the server. Answers how to forget it. */
export function recordProcess(folder: string, pid: number): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, String(pid));
  writeFileSync(file, JSON.stringify({ pid, started: startOf(pid) }));
  return () => rmSync(file, { force: true });
}

/** Ends what a server that crashed left running. Answers how many groups that were. */
export function sweepProcesses(folder: string): number {
  let ended = 0;
  for (const name of namesIn(folder)) {
    const file = join(folder, name);
    if (endRecorded(file)) ended++;
    rmSync(file, { force: true });
  }
  return ended;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function endRecorded(file: string): boolean {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, "utf8")) as { pid: number; started: string };
    // The number may belong to somebody else by now: the time of its start tells.
    if (started === "" || startOf(pid) !== started) return false;
    process.kill(-pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** When a process started, in the system's own words; empty when there is none. */
function startOf(pid: number): string {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name in parentheses may hold anything; field 22, the start, is the 20th after it.
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
