// Processes on a processor of their own: servers on the first, load on the second, where the system can do that.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const pins = availableParallelism() > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;

export const SERVER = 0;
export const LOAD = 1;

/** How many processors a server of the bench may use. */
export const serverProcessors = pins ? 1 : availableParallelism();

export function pinned(processor, command, args, options = {}) {
  const [first, rest] = pins ? ["taskset", ["-c", String(processor), command, ...args]] : [command, args];
  return spawn(first, rest, options);
}

/** Waits for a line that matches, and gives the match. */
export function lineOf(child, pattern, stream = "stdout") {
  return new Promise((resolve, reject) => {
    let said = "";
    child[stream].setEncoding("utf8").on("data", (text) => {
      said += text;
      const match = pattern.exec(said);
      if (match) resolve(match);
    });
    child.once("exit", (code) => reject(new Error(`It ended with ${code}, having said: ${said.slice(-2000)}`)));
  });
}

export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(late);
}

/** Runs to the end; gives what it wrote. */
export async function output(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let [said, complained] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (complained += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${(complained + said).slice(-2000)}`);
  return said;
}

/** Resident memory; undefined where /proc is not. */
export function residentBytes(pid, field = "VmRSS") {
  try {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) * 1024 || undefined;
  }
}

/** Seconds of processor time that a process and what it started have used; undefined where /proc is not. */
export function processorSeconds(pid) {
  return family(pid)?.reduce((sum, { ticks }) => sum + ticks, 0) / 100 || undefined;
}

/** A process and what it started, and what that started; undefined where /proc is not. */
export function family(pid) {
  if (!existsSync("/proc/self/stat")) return undefined;
  const stats = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? statOf(name) : []));
  const found = stats.filter((one) => one.pid === pid);
  for (const member of found) found.push(...stats.filter(({ parent }) => parent === member.pid));
  return found;
}

function statOf(name) {
  try {
    const fields = readFileSync(`/proc/${name}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return [{ pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    // It ended meanwhile.
    return [];
  }
}
