import type { EngineReply, EngineRequest } from "./engine.ts";
import { createWaitingLine } from "./waiting-line.ts";
import { INVOCATION_MILLISECONDS, WorkerGone } from "./worker.ts";

/** One worker as the pool sees it: it answers one request at a time. */
export interface PoolWorker {
  /** Throws `WorkerGone` when the request has not reached it: another one may take it. */
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

export function createPool(): Pool {
  const workers = new Set<PoolWorker>();
  const idle: PoolWorker[] = [];
  const line = createWaitingLine<PoolWorker>();
  const listeners: (() => void)[] = [];
  let running = 0;

  const give = (worker: PoolWorker) => {
    if (!workers.has(worker)) return;
    if (!line.give(worker)) idle.push(worker);
  };
  const remove = (worker: PoolWorker) => {
    workers.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  };
  const ask = async (request: EngineRequest): Promise<EngineReply> => {
    for (;;) {
      const worker =
        idle.pop() ?? (await line.wait(request.body.byteLength, request.milliseconds ?? INVOCATION_MILLISECONDS));
      try {
        return await worker.invoke(request);
      } catch (error) {
        if (!(error instanceof WorkerGone)) throw error;
        remove(worker);
      } finally {
        give(worker);
      }
    }
  };

  return {
    async invoke(request) {
      running++;
      try {
        return await ask(request);
      } finally {
        running--;
        if (running === 0) for (const listener of listeners.splice(0)) listener();
      }
    },
    add(worker) {
      workers.add(worker);
      give(worker);
    },
    remove,
    drained: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => listeners.push(resolve))),
  };
}
