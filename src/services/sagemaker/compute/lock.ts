import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, markOf, parseJson, type ProcessMark } from "#core";

/** Holds a lock between processes: a file with the holder's pid. One whose holder is gone is taken over. */
export async function holdLock(file: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  while (!take(file)) {
    if (!isHeld(file)) rmSync(file, { force: true });
    else await sleep(100, undefined, signal ? { signal } : {});
  }
  return {
    async [Symbol.asyncDispose]() {
      rmSync(file, { force: true });
    },
  };
}

function take(file: string): boolean {
  try {
    const descriptor = openSync(file, "wx");
    writeSync(descriptor, JSON.stringify(markOf(process.pid)));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isHeld(file: string): boolean {
  try {
    const holder = parseJson(readFileSync(file, "utf8")) as ProcessMark | number | undefined;
    if (typeof holder === "object") return isRunning(holder);
    // Without a mark its maker is between two system calls, or was killed there.
    return Date.now() - statSync(file).mtimeMs < UNMARKED_MILLISECONDS;
  } catch {
    return false;
  }
}

const UNMARKED_MILLISECONDS = 2000;
