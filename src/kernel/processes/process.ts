import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { CauceError } from "#core";
import { guardGroup } from "./guard.ts";
import { readLines } from "./lines.ts";
import { recordProcess } from "./records.ts";
import { isolate, type Sandbox, SETUP_BEGUN, SETUP_FAILED } from "./sandbox.ts";
import { type ProcessLimits, underLimits } from "./limits.ts";

/** A process to start. Nothing is inherited: no variable, no descriptor but the three standard ones, no shell. */
export interface ProcessSpec {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Complete: what is not here, the process does not have. */
  readonly env: Readonly<Record<string, string>>;
  /** Lines as they come, without their ending. */
  readonly onLine?: (stream: "stdout" | "stderr", line: string) => void;
  /** Aborted: the process is stopped, as by `stop`. */
  readonly signal?: AbortSignal;
  /** Between SIGTERM and SIGKILL; 5 seconds unless given. */
  readonly graceMilliseconds?: number;
  readonly limits?: ProcessLimits;
  readonly sandbox?: Sandbox;
  /** Folder of pid records (`<home>/processes`), for `sweepProcesses` after a crash of the server. */
  readonly records?: string;
}

export type ProcessEnd = { readonly exitCode: number } | { readonly signal: NodeJS.Signals };

export interface RunningProcess {
  readonly pid: number;
  readonly stdin: Writable;
  /** Resolves when the process and its whole group are gone and its last line was read. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the whole group: SIGTERM, a grace, SIGKILL. */
  stop(graceMilliseconds?: number): Promise<ProcessEnd>;
}

/** Runs a process to its end. */
export async function runProcess(spec: ProcessSpec): Promise<ProcessEnd> {
  const running = await spawnProcess(spec);
  running.stdin.end();
  return running.ended;
}

/** Starts a process that lives on: a worker. Its group dies with the server, even when the server is killed. */
export async function spawnProcess(spec: ProcessSpec): Promise<RunningProcess> {
  const plain = underLimits(
    { command: spec.command, args: spec.args ?? [], cwd: spec.cwd, env: spec.env },
    spec.limits,
  );
  const isolated = spec.sandbox && (await isolate(plain, spec.sandbox));
  const command = isolated ?? plain;
  spec.signal?.throwIfAborted();
  // A group of its own, so that stopping it reaches the children too.
  const child = spawn(command.command, command.args, {
    cwd: command.cwd,
    env: { ...command.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const pid = await pidOf(child, spec);
  const dismiss = isolated ? undefined : guardGroup(pid);
  const forget = spec.records === undefined ? undefined : recordProcess(spec.records, pid);
  let begin = () => {};
  // The first process of a namespace takes no signal before it has said that it does.
  const begun = isolated && new Promise<void>((resolve) => (begin = resolve));
  const ended = waitForEnd(child, pid, {
    onLine: spec.onLine,
    onBegun: begin,
    isolated: isolated !== undefined,
  }).finally(() => {
    dismiss?.();
    forget?.();
  });
  // Whoever waits gets the failure; nobody waiting must not end the server.
  ended.catch(() => {});
  const stop = (grace = spec.graceMilliseconds ?? 5000) => stopGroup(pid, grace, { begun, ended });
  const abort = () => void stop().catch(() => {});
  spec.signal?.addEventListener("abort", abort, { once: true });
  void ended.finally(() => spec.signal?.removeEventListener("abort", abort)).catch(() => {});
  if (spec.signal?.aborted) abort();
  return { pid, stdin: child.stdin, ended, stop };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

async function pidOf(child: Child, spec: ProcessSpec): Promise<number> {
  // A worker that ends while it is written to is no failure of the server.
  child.stdin.on("error", () => {});
  if (child.pid !== undefined) {
    child.on("error", () => {});
    return child.pid;
  }
  const error = await new Promise<Error>((resolve) => child.once("error", resolve));
  throw new CauceError(
    {
      code: "ProcessNotStarted",
      what: `${spec.command} could not be started.`,
      why: `The system answered: ${error.message}.`,
      fix: "Check that it is installed, and that its folder exists.",
    },
    { cause: error },
  );
}

async function waitForEnd(
  child: Child,
  pid: number,
  spec: { readonly onLine: ProcessSpec["onLine"]; readonly onBegun: () => void; readonly isolated: boolean },
): Promise<ProcessEnd> {
  let setupFailure: string | undefined;
  const take = (stream: "stdout" | "stderr") => (line: string) => {
    const ours = spec.isolated && stream === "stderr";
    if (ours && line === SETUP_BEGUN) spec.onBegun();
    else if (ours && line.startsWith(SETUP_FAILED)) setupFailure = line.slice(SETUP_FAILED.length);
    else spec.onLine?.(stream, line);
  };
  const read = Promise.all([readLines(child.stdout, take("stdout")), readLines(child.stderr, take("stderr"))]);
  const end = await new Promise<ProcessEnd>((resolve) =>
    child.once("exit", (exitCode, signal) => resolve(signal ? { signal } : { exitCode: exitCode ?? 0 })),
  );
  // What it left behind in its group would hold the pipes open.
  signalGroup(pid, "SIGKILL");
  await read;
  if (setupFailure !== undefined) throw isolationFailed(setupFailure);
  return spec.isolated && "exitCode" in end ? unwrapSignal(end.exitCode) : end;
}

async function stopGroup(
  pid: number,
  grace: number,
  { begun, ended }: { readonly begun: Promise<void> | undefined; readonly ended: Promise<ProcessEnd> },
): Promise<ProcessEnd> {
  let over = false;
  const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), grace);
  if (begun) void begun.then(() => over || signalGroup(pid, "SIGTERM"));
  else signalGroup(pid, "SIGTERM");
  try {
    return await ended;
  } finally {
    over = true;
    clearTimeout(timer);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** The process that waits inside the namespace says 128 + n for a child that signal n ended. */
function unwrapSignal(exitCode: number): ProcessEnd {
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return exitCode > 128 && name !== undefined ? { signal: name as NodeJS.Signals } : { exitCode };
}

function isolationFailed(reason: string): CauceError {
  return new CauceError({
    code: "SandboxFailed",
    what: "A process could not be isolated.",
    why: `Setting up its namespace failed: ${reason.trim()}.`,
    fix: "Run `cauce doctor`: it tries the same and says what is refused.",
  });
}
