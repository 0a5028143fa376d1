import { tmpdir } from "node:os";
import { join } from "node:path";
import { CauceError, messageOf } from "#core";
import type { Config } from "./config.ts";
import { readServerFile } from "./server-file.ts";

const CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** What a command says when the server ended under it, or its disk is full; undefined when that is not why it failed. */
export function explainServer(config: Config, error: unknown): CauceError | undefined {
  if (isDiskFull(error)) return diskFull(config, error);
  if (isOwnDiskFull(error)) return ownDiskFull(config, error);
  // That is another server than ours.
  if (error instanceof CauceError && error.explanation.code === "DatabaseRefused") return undefined;
  if (!isConnectionError(error)) return undefined;
  return new CauceError(
    {
      code: "ServerLost",
      what: "The embedded AWS ended, or was ended, while this was going on.",
      why: `It does not answer any more at ${readServerFile(config.home)?.endpoint ?? "its address"}: ${messageOf(error)}`,
      fix: `Run the same again: it starts the server and goes on. Its log is ${join(config.home, "server.log")}.`,
    },
    { cause: error },
  );
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return (typeof code === "string" && CODES.has(code)) || isConnectionError(cause);
}

function isDiskFull(error: unknown): error is Error {
  return (
    error instanceof Error && /^Internal(Error|Failure)$/.test(error.name) && /^The disk .* is full/.test(error.message)
  );
}

/** Not the server's disk, but where this command writes itself. */
function isOwnDiskFull(error: unknown): error is Error {
  return error instanceof Error && ["ENOSPC", "EDQUOT"].includes(String((error as { code?: unknown }).code));
}

function ownDiskFull({ home }: Config, cause: Error): CauceError {
  const { path } = cause as { path?: unknown };
  return new CauceError(
    {
      code: "DiskFull",
      what: "A disk is full.",
      why: typeof path === "string" ? `${path} could not be written.` : `Cauce writes to ${home} and to ${tmpdir()}.`,
      fix: "Make room, or set CAUCE_HOME or TMPDIR to a folder on another disk, and run the same again.",
    },
    { cause },
  );
}

function diskFull({ home }: Config, cause: Error): CauceError {
  return new CauceError(
    {
      code: "DiskFull",
      what: `The disk of ${home} is full.`,
      why: "The embedded AWS keeps all it holds there. Nothing that it acknowledged is lost.",
      fix: "Make room, or set CAUCE_HOME to a folder on another disk, and run the same again.",
    },
    { cause },
  );
}
