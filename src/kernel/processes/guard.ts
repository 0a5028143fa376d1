import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Sees to it that a process group ends when this server does, also by SIGKILL, on any POSIX system: a shell that waits for the end
 * of a pipe that only the server holds. Answers how to dismiss it.
 */
export function guardGroup(pid: number): () => void {
  const guard = spawn("/bin/sh", ["-c", 'read -r _; kill -s KILL -- "-$1"', "sh", String(pid)], {
    env: {},
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // It waits for the server; the server does not wait for it.
  guard.unref();
  (guard.stdin as Socket).unref();
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  return () => guard.kill("SIGKILL");
}
