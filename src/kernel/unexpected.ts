import { type AwsFault, fault } from "#protocol";

/** What a client is told of a failure that is not a fault: the disk's, by name, or our bug, which the log has. */
export function unexpected(service: string | undefined, error: unknown): AwsFault {
  // AWS: S3 calls "an internal error" InternalError, the other services InternalFailure.
  const code = service === "s3" ? "InternalError" : "InternalFailure";
  if (isDiskFull(error)) {
    const message =
      "The disk that Cauce keeps its state on is full. Nothing that was acknowledged is lost; make room and try again.";
    return fault(code, message, { status: 500 });
  }
  return fault(code, "Cauce failed; its log has the details.", { status: 500 });
}

/** Whether a read of the request's body failed because who asked went away. */
export function isCutOff(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ABORT_ERR";
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  // SQLite says it in words; its code is that of the library that wraps it.
  const full = code === "ENOSPC" || code === "EDQUOT" || error.message.includes("database or disk is full");
  return full || isDiskFull(error.cause);
}
