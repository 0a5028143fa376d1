import type { ProcessEnd } from "#kernel";

/** How an invocation ended: what the function answered, or its error as JSON. */
export interface Outcome {
  readonly payload: Uint8Array;
  readonly failed: boolean;
  /** The last 4 KB of what it logged, when asked for. */
  readonly tail?: string;
}

/** AWS: a response may have 6 MB and 100 bytes. */
const MOST_ANSWERED = 6_291_556;
/** AWS: Go's names of signals, as its documentation of Runtime.ExitError shows. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: "killed",
  SIGTERM: "terminated",
  SIGSEGV: "segmentation fault",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGILL: "illegal instruction",
};

export function answered(payload: Uint8Array): Outcome {
  if (payload.length <= MOST_ANSWERED) return { payload, failed: false };
  const message = `Response payload size exceeded maximum allowed payload size (${MOST_ANSWERED} bytes).`;
  return failure("Function.ResponseSizeTooLarge", message);
}

export function timedOut(requestId: string, seconds: number): Outcome {
  return failure(
    "Sandbox.Timedout",
    `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  );
}

export function exited(requestId: string, end: ProcessEnd): Outcome {
  return failure("Runtime.ExitError", `RequestId: ${requestId} Error: ${describeEnd(end)}`);
}

export function describeEnd(end: ProcessEnd): string {
  if ("signal" in end) return `Runtime exited with error: signal: ${SIGNALS[end.signal] ?? end.signal}`;
  return end.exitCode === 0
    ? "Runtime exited without providing a reason"
    : `Runtime exited with error: exit status ${end.exitCode}`;
}

function failure(errorType: string, errorMessage: string): Outcome {
  return { payload: Buffer.from(JSON.stringify({ errorType, errorMessage })), failed: true };
}
