import { mkdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type AssumedRole, describeSandbox, type Kernel, type RunningProcess, spawnProcess } from "#kernel";
import { codeRoot } from "./code-store.ts";
import { workerEnvironment } from "./environment.ts";
import type { PythonRuntime } from "./python-runtime.ts";
import type { Assignment, RuntimeApi } from "./runtime-api.ts";
import type { FunctionRow } from "./state.ts";

export interface LaunchOptions {
  readonly row: FunctionRow;
  readonly region: string;
  readonly session: AssumedRole;
  readonly logStream: string;
  readonly codeFolder: string;
  /** For Python functions. */
  readonly python: PythonRuntime | undefined;
  readonly runtimeApi: string;
  readonly onLine: (line: string) => void;
}

interface Spare {
  readonly memorySize: number;
  readonly process: RunningProcess;
  readonly tmp: string;
  readonly since: number;
  /** Once it is up; undefined when it ended before. */
  readonly up: Promise<((assignment: Assignment) => void) | undefined>;
  onLine: ((line: string) => void) | undefined;
  dismiss(): void;
}

const SPARE_DELAY = 100;
const SPARE_IDLE = 30 * 60_000;

/**
 * Starts the processes of functions, alone in their sandboxes where the machine can do that. One Node process is kept in reserve, up and
 * without a function: a cold start then costs what loading the function costs.
 */
export class Launcher {
  readonly #kernel: Kernel;
  readonly #api: RuntimeApi;
  #spare: Spare | undefined;
  #timer: NodeJS.Timeout | undefined;
  #slots = 0;

  constructor(kernel: Kernel, api: RuntimeApi) {
    this.#kernel = kernel;
    this.#api = api;
  }

  async launch(options: LaunchOptions): Promise<RunningProcess> {
    const { row, python } = options;
    const spare = this.#takeSpare(row);
    this.prepare(row);
    const assign = await spare?.up;
    spare?.dismiss();
    if (spare && assign) {
      spare.onLine = options.onLine;
      assign({ env: await this.#environment(options, spare.tmp), cwd: options.codeFolder });
      return spare.process;
    }
    const { tmp, slot } = this.#makeTmp();
    const [command, args] = python
      ? [python.python, ["-s", join(this.#runtimes, "python.py")]]
      : [process.execPath, this.#nodeArguments(row.memorySize)];
    const env = await this.#environment(options, tmp);
    return this.#spawn({
      command,
      args,
      cwd: options.codeFolder,
      env,
      tmp,
      slot,
      visible: python?.folders ?? [],
      onLine: options.onLine,
    });
  }

  /** Has a process in reserve for a function of this kind, a moment later. */
  prepare(row: FunctionRow): void {
    if (row.runtime.startsWith("python")) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#kernel.tasks.run("lambda: spare process", () => this.#startSpare(row.memorySize));
    }, SPARE_DELAY).unref();
  }

  /** Lets a process go that nobody needed for long. */
  reap(): void {
    if (this.#spare && performance.now() - this.#spare.since > SPARE_IDLE) void this.#dropSpare();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#dropSpare();
  }

  /** The one in reserve, if it suits: Node takes the size of its heap and its own variables when it starts, not later. */
  #takeSpare(row: FunctionRow): Spare | undefined {
    const spare = this.#spare;
    const suits = row.runtime.startsWith("nodejs") && spare?.memorySize === row.memorySize;
    if (!spare || !suits || Object.keys(row.environment).some((name) => name.startsWith("NODE_"))) return undefined;
    this.#spare = undefined;
    return spare;
  }

  async #startSpare(memorySize: number): Promise<void> {
    if (this.#spare?.memorySize === memorySize) return;
    await this.#dropSpare();
    const { tmp, slot } = this.#makeTmp();
    let onSpare: (assign?: (assignment: Assignment) => void) => void = () => {};
    const up = new Promise<((assignment: Assignment) => void) | undefined>((resolve) => (onSpare = resolve));
    const admitted = this.#api.admit({ onSpare, onNext: () => {}, onAnswer: () => {}, onInitError: () => {} });
    let spare: Spare | undefined;
    const onLine = (line: string) => spare?.onLine?.(line);
    const env = { AWS_LAMBDA_RUNTIME_API: admitted.address, CAUCE_SPARE: "1" };
    const args = this.#nodeArguments(memorySize);
    const running = await this.#spawn({
      command: process.execPath,
      args,
      cwd: "/",
      env,
      tmp,
      slot,
      visible: [],
      onLine,
    });
    spare = {
      memorySize,
      process: running,
      tmp,
      since: performance.now(),
      up,
      onLine: undefined,
      dismiss: admitted.dismiss,
    };
    this.#spare = spare;
    void running.ended
      .catch(() => {})
      .then(() => {
        onSpare();
        if (this.#spare === spare) this.#spare = undefined;
      });
  }

  async #dropSpare(): Promise<void> {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.dismiss();
    await spare?.process.stop(0).catch(() => {});
  }

  async #environment(options: LaunchOptions, tmp: string): Promise<Record<string, string>> {
    const isolated = (await describeSandbox()).kind === "namespaces";
    return workerEnvironment(options.row, {
      ...options,
      endpoint: this.#kernel.endpoint,
      taskRoot: options.codeFolder,
      runtimeFolder: this.#runtimes,
      tmp: isolated ? "/tmp" : tmp,
      path: [],
    });
  }

  async #spawn(start: Start): Promise<RunningProcess> {
    const { home, hidden = [] } = this.#kernel.settings;
    const running = await spawnProcess({
      command: start.command,
      args: start.args,
      cwd: start.cwd,
      env: start.env,
      graceMilliseconds: 0,
      records: join(home, "processes"),
      onLine: (_stream, line) => start.onLine(line),
      sandbox: {
        writable: {},
        tmp: start.tmp,
        hidden: [home, homedir(), ...hidden],
        // Not under AWS's /var/task: making that place costs more than starting the process does.
        visible: [process.execPath, this.#runtimes, codeRoot(this.#kernel), ...start.visible],
        slot: start.slot,
      },
    });
    // A function reads its events from the Runtime API; its standard input is empty.
    running.stdin.end();
    // What cannot be removed because its namespace is slow to go is removed when the folder is next taken.
    const remove = () => rm(start.tmp, { recursive: true, force: true, maxRetries: 5 });
    void running.ended
      .catch(() => {})
      .then(remove)
      .catch(() => {});
    return running;
  }

  get #runtimes(): string {
    return join(this.#kernel.settings.assets, "src", "services", "lambda", "runtimes");
  }

  #nodeArguments(memorySize: number): string[] {
    return [`--max-old-space-size=${memorySize}`, join(this.#runtimes, "node.mjs")];
  }

  #makeTmp(): { tmp: string; slot: number } {
    const slot = this.#slots++;
    const tmp = join(this.#kernel.settings.home, "lambda", "tmp", String(slot));
    // A server that was killed left those of its functions.
    rmSync(tmp, { recursive: true, force: true });
    mkdirSync(tmp, { recursive: true });
    mkdirSync(codeRoot(this.#kernel), { recursive: true });
    return { tmp, slot };
  }
}

interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tmp: string;
  readonly slot: number;
  readonly visible: readonly string[];
  onLine(line: string): void;
}
