import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

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
    writeSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // Empty: its maker is between two system calls.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
