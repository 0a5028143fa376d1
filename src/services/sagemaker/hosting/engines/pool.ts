import { overloaded } from "../faults.ts";
import type { EngineReply, EngineRequest } from "./engine.ts";

/** One worker as the pool sees it: it answers one request at a time. */
export interface PoolWorker {
  invoke(request: EngineRequest): Promise<EngineReply>;
}

/** Shares requests among workers: the first that is free takes the next; too long a queue is refused. */
export interface Pool {
  invoke(request: EngineRequest): Promise<EngineReply>;
  add(worker: PoolWorker): void;
  remove(worker: PoolWorker): void;
  /** Resolves when nothing is running and nothing waits. */
  drained(): Promise<void>;
}

/** So many wait at most; whoever comes then is told to come again (AWS: ServiceUnavailable, which SDKs retry). */
const LONGEST_QUEUE = 200;

export function createPool(): Pool {
  const workers = new Set<PoolWorker>();
  const idle: PoolWorker[] = [];
  const waiting: ((worker: PoolWorker) => void)[] = [];
  const listeners: (() => void)[] = [];
  let running = 0;

  const take = (): PoolWorker | Promise<PoolWorker> => {
    const worker = idle.pop();
    if (worker) return worker;
    if (waiting.length >= LONGEST_QUEUE) {
      throw overloaded("The endpoint has more requests waiting than it can answer in time. Try again later.");
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (worker: PoolWorker) => {
    if (!workers.has(worker)) return;
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };
  const told = () => {
    if (running > 0) return;
    for (const listener of listeners.splice(0)) listener();
  };

  return {
    async invoke(request) {
      running++;
      try {
        const worker = await take();
        try {
          return await worker.invoke(request);
        } finally {
          give(worker);
        }
      } finally {
        running--;
        told();
      }
    },
    add(worker) {
      workers.add(worker);
      give(worker);
    },
    remove(worker) {
      workers.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
    },
    drained: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => listeners.push(resolve))),
  };
}
