import { throttled } from "./faults.ts";
import type { Outcome } from "./outcome.ts";
import type { Job, Worker, WorkerOptions } from "./worker.ts";

/** The workers of one function as it is now: grows while invocations wait, one worker for each. */
export interface Pool {
  /** Invocations that run or wait. */
  readonly inFlight: number;
  submit(job: Job): void;
  /** Ends workers that were idle for long. */
  reap(): void;
  /** Ends the worker that is idle for longest; answers whether there was one. */
  yieldIdle(): boolean;
  /** Takes nothing more; ends each worker when it is done. */
  retire(): Promise<void>;
  /** Ends everything now. */
  stop(): Promise<void>;
}

export interface PoolOptions {
  /** Seconds. */
  readonly timeout: number;
  /** How many workers the machine bears, counted over all pools. */
  readonly room: Room;
  now(): number;
  start(events: { onIdle: (worker: Worker) => void; onEnd: EndListener }): Promise<Worker>;
}

export type EndListener = WorkerOptions["onEnd"];

export interface Room {
  readonly most: number;
  /** How many workers of one function may be busy with short work before more are started. */
  readonly soft: number;
  used: number;
  /** Ends a worker that is idle, of any function, to make place for another. */
  evict(): void;
}

const IDLE = 10 * 60_000;
/** How long an invocation waits for a busy worker before another one is started. */
const PATIENCE = 10;
/** An invocation that runs for longer than this waits for something: more workers help, on few processors too. */
const LONG = 100;
const LONGEST_WAIT = 30_000;

export function createPool(options: PoolOptions): Pool {
  const { room, now } = options;
  const queue: { job: Job; since: number }[] = [];
  const idle: Worker[] = [];
  const busy = new Set<Worker>();
  const all = new Set<Worker>();
  let starting = 0;
  let growth: NodeJS.Timeout | undefined;
  let retired: (() => void) | undefined;

  const dispatch = () => {
    while (queue.length > 0) {
      const worker = takeIdle();
      if (!worker) break;
      const next = queue.shift();
      if (!next) break;
      busy.add(worker);
      worker.invoke(next.job);
    }
    if (queue.length === 0) {
      clearTimeout(growth);
      growth = undefined;
      return;
    }
    if (all.size + starting === 0) grow(1);
    if (queue.length > starting) growth ??= setTimeout(relieve, PATIENCE);
  };
  const takeIdle = () => {
    for (let worker = idle.pop(); worker; worker = idle.pop()) {
      if (worker.expires > now() + options.timeout * 1000) return worker;
      void worker.stop();
    }
    return undefined;
  };
  /** Those who wait get workers of their own, unless short work keeps the processors busy as it is. */
  const relieve = () => {
    growth = undefined;
    const time = now();
    while (queue[0] && time - queue[0].since > LONGEST_WAIT && room.used >= room.most) {
      queue.shift()?.job.failed(throttled("ConcurrentInvocationLimitExceeded"));
    }
    const blocked = [...busy].every(({ busySince = time }) => time - busySince >= LONG);
    const wanted = queue.length - starting;
    const size = all.size + starting;
    if (size < room.soft) grow(Math.min(wanted, room.soft - size));
    else if (blocked) grow(wanted);
    dispatch();
  };
  const grow = (wanted: number) => {
    if (room.used >= room.most) room.evict();
    for (let i = 0; i < wanted && room.used < room.most; i++) {
      starting++;
      room.used++;
      options.start({ onIdle, onEnd }).then(
        (worker) => void all.add(worker),
        (error: unknown) => lost(error),
      );
    }
  };
  const ready = new Set<Worker>();
  const onIdle = (worker: Worker) => {
    if (!ready.has(worker)) {
      ready.add(worker);
      starting--;
    }
    busy.delete(worker);
    if (retired && queue.length === 0) return void worker.stop();
    idle.push(worker);
    dispatch();
  };
  const onEnd: EndListener = (worker, early) => {
    all.delete(worker);
    busy.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
    if (ready.delete(worker)) room.used--;
    else lost(early?.error, early?.outcome);
    if (retired && queue.length === 0 && all.size + starting === 0) retired();
    else dispatch();
  };
  /** A worker that never came to be: the invocation that waited longest hears of it. */
  const lost = (error?: unknown, outcome?: (requestId: string) => Outcome) => {
    starting--;
    room.used--;
    const next = queue.shift();
    if (outcome) next?.job.done(outcome(next.job.requestId));
    else next?.job.failed(error);
    dispatch();
  };
  const stop = async () => {
    retired ??= () => {};
    clearTimeout(growth);
    for (const { job } of queue.splice(0)) job.failed(new Error("The server stops."));
    await Promise.all([...all].map((worker) => worker.stop()));
  };
  return {
    get inFlight() {
      return queue.length + busy.size;
    },
    submit(job) {
      queue.push({ job, since: now() });
      dispatch();
    },
    reap() {
      const before = now() - IDLE;
      for (const worker of idle.filter(({ idleSince }) => idleSince < before)) void worker.stop();
    },
    yieldIdle() {
      const [oldest] = idle;
      if (oldest) void oldest.stop();
      return oldest !== undefined;
    },
    retire() {
      for (const worker of idle) void worker.stop();
      return new Promise((resolve) => {
        retired = resolve;
        if (queue.length === 0 && all.size + starting === 0) resolve();
      });
    },
    stop,
  };
}
