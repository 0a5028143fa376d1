import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type AssumedRole, describeSandbox, type Kernel, type RunningProcess, spawnProcess } from "#kernel";
import { workerEnvironment } from "./environment.ts";
import type { PythonRuntime } from "./python-runtime.ts";
import type { FunctionRow } from "./state.ts";

export interface LaunchOptions {
  readonly kernel: Kernel;
  readonly row: FunctionRow;
  readonly region: string;
  readonly session: AssumedRole;
  readonly logStream: string;
  readonly codeFolder: string;
  /** For Python functions. */
  readonly python: PythonRuntime | undefined;
  /** Tells workers apart. */
  readonly slot: number;
  readonly runtimeApi: string;
  readonly onLine: (line: string) => void;
}

/** Starts a function's process: alone in its sandbox where the machine can do that. */
export async function launchWorker(options: LaunchOptions): Promise<RunningProcess> {
  const { kernel, row, codeFolder, python, slot } = options;
  const { home, assets } = kernel.settings;
  const runtimeFolder = join(assets, "src", "services", "lambda", "runtimes");
  const tmp = join(home, "lambda", "tmp", String(slot));
  mkdirSync(tmp, { recursive: true });
  const isolated = (await describeSandbox()).kind === "namespaces";
  const { command, args } = python
    ? { command: python.python, args: ["-s", join(runtimeFolder, "python.py")] }
    : { command: process.execPath, args: [`--max-old-space-size=${row.memorySize}`, join(runtimeFolder, "node.mjs")] };
  const env = workerEnvironment(row, {
    ...options,
    endpoint: kernel.endpoint,
    taskRoot: codeFolder,
    runtimeFolder,
    tmp: isolated ? "/tmp" : tmp,
    path: [],
  });
  const running = await spawnProcess({
    command,
    args,
    cwd: codeFolder,
    env,
    graceMilliseconds: 0,
    records: join(home, "processes"),
    onLine: (_stream, line) => options.onLine(line),
    sandbox: {
      writable: {},
      tmp,
      hidden: [home, homedir()],
      // Not under AWS's /var/task: making that place costs more than starting the process does.
      visible: [process.execPath, runtimeFolder, codeFolder, ...(python?.folders ?? [])],
      slot,
    },
  });
  // A function reads its events from the Runtime API; its standard input is empty.
  running.stdin.end();
  void running.ended.catch(() => {}).then(() => rm(tmp, { recursive: true, force: true }));
  return running;
}
