import { CauceError, messageOf } from "#core";
import { AwsFault } from "#protocol";
import type { StopCause } from "./running.ts";

/** How a job ended. */
export type Outcome =
  | { readonly status: "Completed" }
  | { readonly status: "Failed"; readonly reason: string }
  | { readonly status: "Stopped"; readonly timedOut: boolean };

/** AWS: between SIGTERM and SIGKILL a container has 120 seconds. StopTrainingJob in the API reference. */
export const GRACE_MILLISECONDS = 120_000;
/** When the server itself ends, nobody waits for two minutes. */
export const SHUTDOWN_GRACE_MILLISECONDS = 2000;

const SERVER_ENDED = "InternalServerError: The server was stopped while the job was running. Create the job again.";
export const SERVER_DIED =
  "InternalServerError: The server ended unexpectedly while the job was running. Create the job again.";

/** The outcome of work that was interrupted, or that failed before or after the container ran. */
export function ended(error: unknown, signal: AbortSignal): Outcome {
  const cause = signal.aborted ? (signal.reason as StopCause) : undefined;
  if (cause === "shutdown") return { status: "Failed", reason: SERVER_ENDED };
  if (cause !== undefined) return { status: "Stopped", timedOut: cause === "runtime" };
  return { status: "Failed", reason: toReason(error).slice(0, 1024) };
}

function toReason(error: unknown): string {
  if (error instanceof CauceError) {
    const { what, why, fix } = error.explanation;
    const text = [what, why, fix].filter((part) => part !== "").join(" ");
    return /^\w+Error: /.test(text) ? text : `ClientError: ${text}`;
  }
  if (error instanceof AwsFault) return `ClientError: ${error.code}: ${error.message}`;
  return `InternalServerError: ${messageOf(error)}`;
}

/** Stops the job when it has run for too long. */
export function watched(stop: AbortController, seconds: number): Disposable {
  const timer = setTimeout(() => stop.abort("runtime" satisfies StopCause), Math.min(seconds * 1000, 2 ** 31 - 1));
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
