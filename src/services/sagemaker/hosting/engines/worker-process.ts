import { Agent } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeSandbox, type ProcessEnd, type RunningProcess, type Settings, spawnProcess } from "#kernel";
import { type Runtime, toProcess } from "../../compute/index.ts";
import type { VariantRow } from "../state.ts";
import type { WriteLine } from "./engine.ts";
import { ping, type WorkerDoor } from "./worker.ts";

export interface WorkerSpec {
  readonly settings: Settings;
  readonly runtime: Runtime;
  /** Where the program's own requirements are installed. */
  readonly packages: string | undefined;
  /** Becomes `/opt/ml`. */
  readonly ml: string;
  /** Becomes `/tmp`, with the sockets in it. */
  readonly tmp: string;
  readonly number: number;
  readonly variant: VariantRow;
  readonly credentials: Readonly<Record<string, string>>;
  readonly write: WriteLine;
}

export interface WorkerProcess {
  readonly door: WorkerDoor;
  readonly ended: Promise<ProcessEnd>;
  stop(): Promise<unknown>;
}

/** The image's `serve`, listening on a socket in a folder that only it and the server can enter. */
export async function startWorker(spec: WorkerSpec): Promise<WorkerProcess> {
  const { settings, runtime, packages, ml, tmp, variant } = spec;
  const isolated = (await describeSandbox()).kind === "namespaces";
  const socket = `worker-${spec.number}.sock`;
  const process = await toProcess(settings, {
    runtime,
    packages,
    program: "serve",
    ml,
    tmp,
    // AWS: the image's server gives each worker one thread unless the model says otherwise.
    environment: {
      OMP_NUM_THREADS: "1",
      ...variant.environment,
      ...spec.credentials,
      CAUCE_LISTEN: `unix:${join(isolated ? "/tmp" : tmp, socket)}`,
    },
    id: ml,
    network: variant.isolated !== true,
  });
  const running = await spawnProcess({ ...process, onLine: (_stream, line) => spec.write(line) });
  running.stdin.end();
  return toWorker(running, join(tmp, socket));
}

function toWorker(running: RunningProcess, socketPath: string): WorkerProcess {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    door: { socketPath, agent },
    ended: running.ended,
    async stop() {
      agent.destroy();
      // How it ended is told by `ended`: one that is stopped while it is being isolated fails.
      await running.stop().catch(() => {});
    },
  };
}

const PING_EVERY = 30;
const PING_PATIENCE = 2000;
/** A server that listens but says no is asked so often: loading may fail once, the same failure three times is one. */
const REFUSALS = 3;

export type Readiness = "ready" | "refused" | "late" | { readonly end: ProcessEnd };

/** Waits until the worker says that it is ready, ends, keeps refusing, or the time is over. */
export async function whenReady(worker: WorkerProcess, milliseconds: number, signal: AbortSignal): Promise<Readiness> {
  const deadline = performance.now() + milliseconds;
  let end: ProcessEnd | undefined;
  void worker.ended.then(
    (found) => (end = found),
    () => (end = { exitCode: 1 }),
  );
  let refusals = 0;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    if (end) return { end };
    // Loading happens on the first ping, so one answer may take as long as the model needs.
    const status = await ping(worker.door, Math.max(PING_PATIENCE, deadline - performance.now()));
    if (status === 200) return "ready";
    if (status !== undefined && ++refusals >= REFUSALS) return "refused";
    await sleep(PING_EVERY);
  }
  return "late";
}
