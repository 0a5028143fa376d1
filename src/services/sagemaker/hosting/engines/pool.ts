import { overloaded } from "../faults.ts";
import type { EngineReply, EngineRequest } from "./engine.ts";
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

/** So many wait at most, with so many bytes; whoever comes then is told to come again (AWS: ServiceUnavailable, which SDKs retry). */
const LONGEST_QUEUE = 200;
const LARGEST_QUEUE = 64 * 2 ** 20;

interface Waiting {
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
  readonly take: (worker: PoolWorker) => void;
}

export function createPool(): Pool {
  const workers = new Set<PoolWorker>();
  const idle: PoolWorker[] = [];
  const waiting = new Set<Waiting>();
  const listeners: (() => void)[] = [];
  let [running, waitingBytes] = [0, 0];

  const leave = (one: Waiting) => {
    clearTimeout(one.timer);
    waiting.delete(one);
    waitingBytes -= one.bytes;
  };
  const queue = ({ body, milliseconds = INVOCATION_MILLISECONDS }: EngineRequest): Promise<PoolWorker> => {
    const bytes = body.byteLength;
    if (waiting.size >= LONGEST_QUEUE || (waiting.size > 0 && waitingBytes + bytes > LARGEST_QUEUE)) throw tooMany();
    return new Promise((resolve, reject) => {
      // Whoever waits as long as a container may answer has gone, or gives up now.
      const late = () => {
        leave(one);
        reject(tooMany());
      };
      const one: Waiting = { bytes, take: resolve, timer: setTimeout(late, milliseconds) };
      waiting.add(one);
      waitingBytes += bytes;
    });
  };
  const give = (worker: PoolWorker) => {
    if (!workers.has(worker)) return;
    const [next] = waiting;
    if (!next) return void idle.push(worker);
    leave(next);
    next.take(worker);
  };
  const remove = (worker: PoolWorker) => {
    workers.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  };
  const ask = async (request: EngineRequest): Promise<EngineReply> => {
    for (;;) {
      const worker = idle.pop() ?? (await queue(request));
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

function tooMany() {
  return overloaded("The endpoint has more requests waiting than it can answer in time. Try again later.");
}
