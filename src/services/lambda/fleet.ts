import { availableParallelism, totalmem } from "node:os";
import { type AssumedRole, type Context, type Kernel, type Live, rootPrincipal, servicePrincipal } from "#kernel";
import { requireUnpacked } from "./code-store.ts";
import { throttled } from "./faults.ts";
import { functionArn } from "./function-name.ts";
import { launchWorker } from "./launch.ts";
import { createLogShipper } from "./log-shipper.ts";
import type { Outcome } from "./outcome.ts";
import { createPool, type EndListener, type Pool, type Room } from "./pool.ts";
import { ensurePython, type PythonRuntime } from "./python-runtime.ts";
import { openRuntimeApi, type RuntimeApi } from "./runtime-api.ts";
import type { FunctionRow, LambdaTables } from "./state.ts";
import { logGroupOf } from "./views.ts";
import { startWorker, type Worker } from "./worker.ts";

/** All workers of this server. */
export interface Fleet {
  invoke(row: FunctionRow, region: string, request: InvokeRequest): Promise<Outcome>;
  /** Lets the workers of a function end when they are done: it was changed or deleted. */
  retire(name: string, region: string): Promise<void>;
  python(): Promise<PythonRuntime>;
  stop(): Promise<void>;
}

export interface InvokeRequest {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly clientContext?: string | undefined;
  readonly tail?: boolean;
}

export const fleet: Live<Fleet> = { name: "lambda: fleet", create: createFleet, dispose: (value) => value.stop() };

/** AWS: an account's concurrent executions unless raised. */
const MOST_IN_FLIGHT = 1000;
const WORKER_MEMORY = 160 * 1024 * 1024;
const MINUTE = 60_000;

interface Deployment {
  readonly generation: string;
  readonly pool: Pool;
}

function createFleet(kernel: Kernel): Fleet {
  const deployments = new Map<string, Deployment>();
  const leaving = new Set<Pool>();
  let api: Promise<RuntimeApi> | undefined;
  let python: Promise<PythonRuntime> | undefined;
  let inFlight = 0;
  let slots = 0;
  const room: Room = {
    most: Math.min(200, Math.max(8, Math.floor(totalmem() / WORKER_MEMORY))),
    soft: availableParallelism() * 2,
    used: 0,
    evict: () => void [...deployments.values()].some(({ pool }) => pool.yieldIdle()),
  };
  const readyPython = () => {
    python ??= ensurePython(kernel.settings.home).catch((error: unknown) => {
      python = undefined;
      throw error;
    });
    return python;
  };
  const startOne = async (
    row: FunctionRow,
    region: string,
    session: () => Promise<AssumedRole>,
    events: Events,
  ): Promise<Worker> => {
    api ??= openRuntimeApi(() => kernel.ids.token(32));
    const { account } = kernel.settings;
    const ctx = kernel.context("lambda", rootPrincipal(account), region) as Context<LambdaTables>;
    const [runtimeApi, role, codeFolder] = await Promise.all([api, session(), requireUnpacked(ctx, row.code)]);
    const usedPython = row.runtime.startsWith("python") ? await readyPython() : undefined;
    const slot = slots++;
    const logStream = logStreamName(kernel);
    const report = (error: unknown) =>
      kernel.tasks.run("lambda: logs", async () => {
        throw error;
      });
    return startWorker({
      functionArn: functionArn(row.name, { region, account }),
      timeout: row.timeout,
      memorySize: row.memorySize,
      runtime: row.runtime,
      expires: role.expiration.getTime(),
      api: runtimeApi,
      logs: createLogShipper(
        kernel.context("lambda", role.principal, region),
        { group: logGroupOf(row), stream: logStream },
        report,
      ),
      now: () => kernel.clock.now().getTime(),
      launch: (address, onLine) =>
        launchWorker({
          kernel,
          row,
          region,
          session: role,
          logStream,
          codeFolder,
          python: usedPython,
          slot,
          runtimeApi: address,
          onLine,
        }),
      ...events,
    });
  };
  const deploy = (row: FunctionRow, region: string): Deployment => {
    const session = sessionOf(kernel, row, region);
    const pool = createPool({
      timeout: row.timeout,
      room,
      now: () => kernel.clock.now().getTime(),
      start: (events) => startOne(row, region, session, events),
    });
    return { generation: row.generation, pool };
  };
  const retire = async (key: string) => {
    const found = deployments.get(key);
    if (!found) return;
    deployments.delete(key);
    leaving.add(found.pool);
    await found.pool.retire();
    leaving.delete(found.pool);
  };
  kernel.tasks.every("lambda: idle workers", MINUTE, () => {
    for (const { pool } of deployments.values()) pool.reap();
  });

  return {
    async invoke(row, region, request) {
      const key = `${region} ${row.name}`;
      let deployment = deployments.get(key);
      if (deployment?.generation !== row.generation) {
        void retire(key);
        deployment = deploy(row, region);
        deployments.set(key, deployment);
      }
      const { pool } = deployment;
      if (row.reservedConcurrency !== undefined && pool.inFlight >= row.reservedConcurrency) {
        throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
      }
      if (inFlight >= MOST_IN_FLIGHT) throw throttled("ConcurrentInvocationLimitExceeded");
      inFlight++;
      try {
        return await new Promise<Outcome>((done, failed) => {
          pool.submit({
            requestId: request.requestId,
            payload: request.payload,
            clientContext: request.clientContext,
            tail: request.tail ?? false,
            done,
            failed,
          });
        });
      } finally {
        inFlight--;
      }
    },
    retire: (name, region) => retire(`${region} ${name}`),
    python: readyPython,
    async stop() {
      const pools = [...[...deployments.values()].map(({ pool }) => pool), ...leaving];
      deployments.clear();
      await Promise.all(pools.map((pool) => pool.stop()));
      await (await api)?.close();
    },
  };
}

interface Events {
  readonly onIdle: (worker: Worker) => void;
  readonly onEnd: EndListener;
}

/** One session for the workers of a function, renewed when half an hour of it is left. */
function sessionOf(kernel: Kernel, row: FunctionRow, region: string): () => Promise<AssumedRole> {
  let session: Promise<AssumedRole> | undefined;
  let renewAt = 0;
  return async () => {
    if (session && kernel.clock.now().getTime() < renewAt) return session;
    const service = "lambda.amazonaws.com";
    const ctx = kernel.context("lambda", servicePrincipal(service, kernel.settings.account), region);
    session = ctx.assume(row.role, { service, sessionName: row.name });
    renewAt = Number.MAX_SAFE_INTEGER;
    try {
      renewAt = (await session).expiration.getTime() - 30 * MINUTE;
    } catch (error) {
      session = undefined;
      throw error;
    }
    return session;
  };
}

/** AWS: `2026/11/22/[$LATEST]` and 32 hexadecimal digits. */
function logStreamName(kernel: Kernel): string {
  const day = kernel.clock.now().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${kernel.ids.token(32, "0123456789abcdef")}`;
}
