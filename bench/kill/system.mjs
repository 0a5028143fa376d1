// What runs on this machine, read from /proc: who belongs to a home, and who to a server.
import { readdirSync, readFileSync } from "node:fs";

/** Every process: its number, its parent's, when it began, and what it was called with. */
export function processes() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => describe(Number(name)) ?? []);
}

function describe(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { pid, parent: Number(fields[1]), born: fields[19], command };
  } catch {
    return undefined;
  }
}

/** Those below a process, and their children. */
export function below(pid, all = processes()) {
  const children = all.filter((one) => one.parent === pid);
  return children.flatMap((child) => [child, ...below(child.pid, all)]);
}

/** Those of a list that still run. */
export function alive(list) {
  const now = new Map(processes().map((one) => [one.pid, one.born]));
  return list.filter(({ pid, born }) => now.get(pid) === born);
}

/** Those that name a home in what they were called with, or have it as their own setting. */
export function belongingTo(home, except, all = processes()) {
  return all.filter(({ pid, command }) => !except.has(pid) && (command.includes(home) || settingOf(pid) === home));
}

function settingOf(pid) {
  try {
    return /(?:^|\0)CAUCE_HOME=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, "latin1"))?.[1];
  } catch {
    return undefined;
  }
}

export function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
