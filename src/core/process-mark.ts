import { readFileSync } from "node:fs";

/** A process, told apart from a later one that was given the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, in `/proc`'s words; empty where there is no `/proc`. */
  readonly birth: string;
}

export function markOf(pid: number): ProcessMark {
  return { pid, birth: statOf(pid)?.birth ?? "" };
}

export function isRunning({ pid, birth }: ProcessMark): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = statOf(pid);
  if (!now) return birth === "";
  // Killed, but not yet collected by its parent: in a container whose first process collects nobody, that is for ever.
  return now.birth === birth && now.state !== "Z" && now.state !== "X";
}

function statOf(pid: number): { state: string; birth: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Counted after the command, which may hold spaces and brackets: the state is field 3, the start field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", birth: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
