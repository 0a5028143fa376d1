import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseJson } from "./json.ts";
import { isRunning, markOf, type ProcessMark } from "./process-mark.ts";

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told once, when somebody else has it: their process, where it is known. */
  readonly onWait?: (pid: number | undefined) => void;
}

/** Holds a lock between processes: a file that names its holder. One whose holder is gone is taken over. */
export async function holdLock(file: string, { signal, onWait }: LockOptions = {}): Promise<Disposable> {
  let told = false;
  while (!take(file)) {
    signal?.throwIfAborted();
    const holder = readHolder(file);
    if (!isHeld(file, holder)) {
      setAside(file);
      continue;
    }
    if (!told) onWait?.(holder?.pid);
    told = true;
    await sleep(100, undefined, signal ? { signal } : {});
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function take(file: string): boolean {
  try {
    const descriptor = openSync(file, "wx", 0o600);
    writeSync(descriptor, JSON.stringify(markOf(process.pid)));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(file: string): ProcessMark | undefined {
  try {
    const found = parseJson(readFileSync(file, "utf8"));
    return typeof found === "object" && found !== null ? (found as unknown as ProcessMark) : undefined;
  } catch {
    return undefined;
  }
}

function isHeld(file: string, holder: ProcessMark | undefined): boolean {
  if (holder) return isRunning(holder);
  try {
    // Without a mark its maker is between two system calls, or was killed there.
    // Also when the clock was set back since: then it is from the future.
    return Math.abs(Date.now() - statSync(file).mtimeMs) < UNMARKED_MILLISECONDS;
  } catch {
    return false;
  }
}

const UNMARKED_MILLISECONDS = 2000;

/** Renamed before it is removed: of two that find it abandoned, one gets it, and the other does not remove what that one then makes. */
function setAside(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    const moved = readHolder(aside);
    if (moved && isRunning(moved)) renameSync(aside, file);
    else rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
