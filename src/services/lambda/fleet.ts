import { availableParallelism, totalmem } from "node:os";
import { type AssumedRole, type Context, type Kernel, type Live, rootPrincipal, type Series } from "#kernel";
import { requireUnpacked } from "./code-store.ts";
import { throttled } from "./faults.ts";
import { countFunction, type FunctionCounts } from "./function-counts.ts";
import { functionArn } from "./function-name.ts";
import { Launcher } from "./launch.ts";
import { createLogShipper } from "./log-shipper.ts";
import type { Outcome } from "./outcome.ts";
import { Pool, type Room } from "./pool.ts";
import { ensurePython, type PythonRuntime } from "./python-runtime.ts";
import { openRuntimeApi, type RuntimeApi } from "./runtime-api.ts";
import { watchProcessors } from "./processors.ts";
import { sessionOf } from "./session.ts";
import type { FunctionRow, LambdaTables } from "./state.ts";
import { logGroupOf } from "./views.ts";
import { Worker, type WorkerEvents } from "./worker.ts";

export interface InvokeRequest {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly clientContext?: string | undefined;
  readonly tail?: boolean;
}

export const fleet: Live<Fleet> = {
  name: "lambda: fleet",
  create: (kernel) => new Fleet(kernel),
  dispose: (value) => value.stop(),
};

/** AWS: an account's concurrent executions unless raised. */
const MOST_IN_FLIGHT = 1000;
const WORKER_MEMORY = 160 * 1024 * 1024;
const MINUTE = 60_000;

/** All workers of this server, by function. */
export class Fleet {
  readonly #kernel: Kernel;
  readonly #deployed = new Map<
    string,
    { readonly generation: string; readonly pool: Pool; readonly counts: FunctionCounts }
  >();
  /** Pools of functions that were changed or deleted, with what still runs. */
  readonly #leaving = new Set<Pool>();
  readonly #room: Room = {
    most: Math.min(200, Math.max(8, Math.floor(totalmem() / WORKER_MEMORY))),
    soft: availableParallelism() * 2,
    used: 0,
    processorsFree: watchProcessors(),
    evict: () => void [...this.#deployed.values()].some(({ pool }) => pool.yieldIdle()),
  };
  #started: Promise<{ readonly api: RuntimeApi; readonly launcher: Launcher }> | undefined;
  #python: Promise<PythonRuntime> | undefined;
  #inFlight = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.tasks.every("lambda: idle workers", MINUTE, () => {
      for (const { pool } of this.#deployed.values()) pool.reap();
      void this.#started?.then(({ launcher }) => launcher.reap());
    });
  }

  async invoke(row: FunctionRow, region: string, request: InvokeRequest): Promise<Outcome> {
    const { pool, counts } = this.#deploymentOf(row, region);
    if (row.reservedConcurrency !== undefined && pool.inFlight >= row.reservedConcurrency) {
      counts.throttled();
      throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
    }
    if (this.#inFlight >= MOST_IN_FLIGHT) {
      counts.throttled();
      throw throttled("ConcurrentInvocationLimitExceeded");
    }
    this.#inFlight++;
    try {
      const { requestId, payload, clientContext, tail = false } = request;
      const outcome = await new Promise<Outcome>((done, failed) => {
        pool.submit({ requestId, payload, clientContext, tail, done, failed });
      });
      counts.invoked(outcome.failed);
      return outcome;
    } finally {
      this.#inFlight--;
    }
  }

  /** Lets the workers of a function end when they are done: it was changed or deleted. */
  async retire(name: string, region: string): Promise<void> {
    const key = `${region} ${name}`;
    const found = this.#deployed.get(key);
    if (!found) return;
    this.#deployed.delete(key);
    this.#leaving.add(found.pool);
    await found.pool.retire();
    this.#leaving.delete(found.pool);
  }

  python(): Promise<PythonRuntime> {
    this.#python ??= ensurePython(this.#kernel.settings.home).catch((error: unknown) => {
      this.#python = undefined;
      throw error;
    });
    return this.#python;
  }

  async stop(): Promise<void> {
    const pools = [...[...this.#deployed.values()].map(({ pool }) => pool), ...this.#leaving];
    this.#deployed.clear();
    await Promise.all(pools.map((pool) => pool.stop()));
    const started = await this.#started;
    await started?.launcher.stop();
    await started?.api.close();
  }

  /** A function came to be, or changed: its first invocation may follow soon. */
  expect(row: FunctionRow): void {
    void this.#begin().then(({ launcher }) => launcher.prepare(row));
  }

  #begin() {
    this.#started ??= openRuntimeApi(() => this.#kernel.ids.token(32)).then((api) => ({
      api,
      launcher: new Launcher(this.#kernel, api),
    }));
    return this.#started;
  }

  /** The pool of the function as it is now; one of what it was before is let go. */
  #deploymentOf(row: FunctionRow, region: string): { readonly pool: Pool; readonly counts: FunctionCounts } {
    const key = `${region} ${row.name}`;
    const found = this.#deployed.get(key);
    if (found?.generation === row.generation) return found;
    void this.retire(row.name, region);
    const counts = countFunction(this.#kernel, region, row.name);
    const session = sessionOf(this.#kernel, row, region);
    const pool = new Pool({
      timeout: row.timeout,
      room: this.#room,
      now: this.#now,
      start: (events) => this.#start(row, { region, session, events, durations: counts.durations }),
    });
    const made = { generation: row.generation, pool, counts };
    this.#deployed.set(key, made);
    return made;
  }

  async #start(row: FunctionRow, { region, session, events, durations }: Start): Promise<Worker> {
    const kernel = this.#kernel;
    const { account } = kernel.settings;
    const ctx = kernel.context("lambda", rootPrincipal(account), region) as Context<LambdaTables>;
    const [{ api, launcher }, role, codeFolder] = await Promise.all([
      this.#begin(),
      session(),
      requireUnpacked(ctx, row.code),
    ]);
    const python = row.runtime.startsWith("python") ? await this.python() : undefined;
    const logStream = logStreamName(kernel);
    const mayCreate = () => ctx.tables.functions.get(row.name) !== undefined;
    const place = { group: logGroupOf(row), stream: logStream, mayCreate };
    return new Worker({
      functionArn: functionArn(row.name, { region, account }),
      timeout: row.timeout,
      memorySize: row.memorySize,
      runtime: row.runtime,
      expires: role.expiration.getTime(),
      api,
      logs: createLogShipper(kernel.context("lambda", role.principal, region), place, this.#report),
      now: this.#now,
      durations,
      launch: (runtimeApi, onLine) =>
        launcher.launch({ row, region, session: role, logStream, codeFolder, python, runtimeApi, onLine }),
      ...events,
    });
  }

  readonly #now = (): number => this.#kernel.clock.now().getTime();

  readonly #report = (error: unknown): void => this.#kernel.tasks.run("lambda: logs", () => Promise.reject(error));
}

interface Start {
  readonly region: string;
  readonly session: () => Promise<AssumedRole>;
  readonly events: WorkerEvents;
  readonly durations: Series;
}

/** AWS: `2026/11/22/[$LATEST]` and 32 hexadecimal digits. */
function logStreamName(kernel: Kernel): string {
  const day = kernel.clock.now().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${kernel.ids.token(32, "0123456789abcdef")}`;
}
