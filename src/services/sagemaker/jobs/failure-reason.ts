import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessEnd } from "#kernel";

/** AWS: FailureReason is at most 1,024 characters. */
const LONGEST = 1024;

/** AWS: what the images' own algorithms end with for the caller's mistake. */
const CUSTOMER_ERROR = 2;

/** Why a container that ended with an error failed: what it wrote itself, else the lines of its log that matter. */
export function describeFailure(end: ProcessEnd, written: string, lines: readonly string[]): string {
  const code = "exitCode" in end ? end.exitCode : (SIGNALS[end.signal] ?? 1);
  // The shell of a sandbox says so by itself, in one word that explains nothing.
  const said = linesThatMatter(lines.filter((line) => line !== "Killed"));
  const killed = code === SIGNALS.SIGKILL ? [KILLED, said].filter(Boolean).join("; its last lines: ") : undefined;
  const text = written !== "" ? written : (killed ?? (said || inWords(end)));
  const kind = code === CUSTOMER_ERROR && text.startsWith("Customer Error") ? "ClientError" : "AlgorithmError";
  const suffix = `, exit code: ${code}`;
  return `${kind}: ${text.slice(0, LONGEST - kind.length - 2 - suffix.length)}${suffix}`;
}

/** What a job wrote for people: never through a link, which could point at what only the server may read. */
export async function readNote(folder: string, name: string, most: number): Promise<string> {
  const path = join(folder, "output", name);
  for (const at of [join(folder, "output"), path]) {
    const found = await lstat(at).catch(() => undefined);
    if (!found || found.isSymbolicLink() || (at === path && !found.isFile())) return "";
  }
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most * 4), 0, most * 4, 0);
    return buffer.subarray(0, bytesRead).toString("utf8").slice(0, most).trim();
  } finally {
    await file.close();
  }
}

const KILLED = "the program was killed (out of memory?)";

const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGKILL: 137,
  SIGSEGV: 139,
  SIGTERM: 143,
  SIGABRT: 134,
  SIGFPE: 136,
  SIGBUS: 135,
  SIGILL: 132,
};

function inWords(end: ProcessEnd): string {
  if ("exitCode" in end) return "the program ended without a word";
  return `the program was ended by ${end.signal}`;
}

/** The error of the last Python traceback with its place, or the last lines. */
function linesThatMatter(lines: readonly string[]): string {
  const start = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call last)"));
  if (start < 0) return lines.slice(-5).join("\n");
  const trace = lines.slice(start + 1);
  const place = trace.findLast((line) => line.startsWith('  File "'))?.trim();
  const error = trace.findIndex((line) => line !== "" && !line.startsWith(" "));
  const said = error < 0 ? "" : trace.slice(error, error + 8).join("\n");
  const missing = /No such file or directory: '\/opt\/ml/.test(said)
    ? "\n(/opt/ml cannot be mounted on this machine: read the folder from the variable CAUCE_OPT_ML; `cauce doctor` says why.)"
    : "";
  return `${said}${place ? ` (${place})` : ""}${missing}`;
}
