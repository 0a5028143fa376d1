import { fault } from "#protocol";
import { throttled } from "./faults.ts";
import type { EarlyEnd, Job, Worker, WorkerEvents } from "./worker.ts";

export interface PoolOptions {
  /** Seconds. */
  readonly timeout: number;
  /** How many workers the machine bears, counted over all pools. */
  readonly room: Room;
  now(): number;
  start(events: WorkerEvents): Promise<Worker>;
}

export interface Room {
  readonly most: number;
  /** How many workers of one function may be busy with short work before more are started. */
  readonly soft: number;
  used: number;
  /** Whether the machine has time for more of them. */
  processorsFree(): boolean;
  /** Ends a worker that is idle, of any function, to make place for another. */
  evict(): void;
}

const IDLE = 10 * 60_000;
/** How long an invocation waits for a busy worker before another one is started. */
const PATIENCE = 10;
/** An invocation that runs for longer than this waits for something: more workers help, on few processors too. */
const LONG = 100;
/** After how long one more is started though the processors are busy. */
const UNHELPED = 1000;
const LONGEST_WAIT = 30_000;

/** The workers of one function as it is now: grows while invocations wait. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #queue: { readonly job: Job; readonly since: number }[] = [];
  /** The one that was used last is used first. */
  readonly #idle: Worker[] = [];
  readonly #busy = new Set<Worker>();
  readonly #all = new Set<Worker>();
  readonly #ready = new Set<Worker>();
  readonly #events: WorkerEvents = {
    onIdle: (worker) => this.#onIdle(worker),
    onEnd: (worker, early) => this.#onEnd(worker, early),
  };
  #starting = 0;
  /** When the last ones were started. */
  #grown = 0;
  #growth: NodeJS.Timeout | undefined;
  #retired: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Invocations that run or wait. */
  get inFlight(): number {
    return this.#queue.length + this.#busy.size;
  }

  submit(job: Job): void {
    this.#queue.push({ job, since: this.#options.now() });
    this.#dispatch();
  }

  /** Ends workers that were idle for long. */
  reap(): void {
    const before = this.#options.now() - IDLE;
    for (const worker of this.#idle.filter(({ idleSince }) => idleSince < before)) this.#dismiss(worker);
  }

  /** Ends the worker that is idle for longest. */
  yieldIdle(): boolean {
    const [oldest] = this.#idle;
    if (oldest) this.#dismiss(oldest);
    return oldest !== undefined;
  }

  /** Takes nothing more; ends each worker when it is done. */
  retire(): Promise<void> {
    for (const worker of this.#idle.splice(0)) void worker.stop();
    return new Promise((resolve) => {
      this.#retired = resolve;
      this.#settleRetirement();
    });
  }

  /** Ends everything now. */
  async stop(): Promise<void> {
    this.#retired ??= () => {};
    clearTimeout(this.#growth);
    const reason = fault("ServiceException", "The server stops.", { status: 500 });
    for (const { job } of this.#queue.splice(0)) job.failed(reason);
    await Promise.all([...this.#all].map((worker) => worker.abandon(reason)));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#takeIdle();
      const next = worker && this.#queue.shift();
      if (!next) break;
      this.#busy.add(worker);
      worker.invoke(next.job);
    }
    if (this.#queue.length === 0) {
      clearTimeout(this.#growth);
      this.#growth = undefined;
      return;
    }
    if (this.#all.size + this.#starting === 0) this.#grow(1);
    if (this.#queue.length > this.#starting) this.#growth ??= setTimeout(() => this.#relieve(), PATIENCE);
  }

  #takeIdle(): Worker | undefined {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.expires > this.#options.now() + this.#options.timeout * 1000) return worker;
      void worker.stop();
    }
    return undefined;
  }

  /** Those who wait get workers of their own, unless short work keeps the processors busy as it is. */
  #relieve(): void {
    this.#growth = undefined;
    const { room, now } = this.#options;
    const time = now();
    while (this.#queue[0] && time - this.#queue[0].since > LONGEST_WAIT && room.used >= room.most) {
      this.#queue.shift()?.job.failed(throttled("ConcurrentInvocationLimitExceeded"));
    }
    const waiting = this.#queue.length - this.#starting;
    const size = this.#ready.size + this.#starting;
    // None is blocked while some have not begun: a burst on a cold function must not start a process for every caller.
    const blocked = this.#starting === 0 && [...this.#busy].every(({ busySince = time }) => time - busySince >= LONG);
    if (size < room.soft) this.#grow(Math.min(waiting, room.soft - size));
    else if (blocked) this.#grow(Math.min(waiting, this.#help(size, time)));
    this.#dispatch();
  }

  /**
   * How many more for `size` that take long. As many again and no more: it may only have been their first moments. On processors that have
   * no time left they would only make each other slower; one comes now and then all the same, since those that run may wait for it.
   */
  #help(size: number, time: number): number {
    if (this.#options.room.processorsFree()) return size;
    return time - this.#grown > UNHELPED ? 1 : 0;
  }

  #grow(wanted: number): void {
    if (wanted <= 0) return;
    const { room, start, now } = this.#options;
    this.#grown = now();
    if (room.used >= room.most) room.evict();
    for (let i = 0; i < wanted && room.used < room.most; i++) {
      this.#starting++;
      room.used++;
      start(this.#events).then(
        (worker) => void this.#all.add(worker),
        (error: unknown) => this.#lost({ error }),
      );
    }
  }

  #onIdle(worker: Worker): void {
    if (!this.#ready.has(worker)) {
      this.#ready.add(worker);
      this.#starting--;
    }
    this.#busy.delete(worker);
    if (this.#retired && this.#queue.length === 0) {
      void worker.stop();
      return;
    }
    this.#idle.push(worker);
    this.#dispatch();
  }

  #onEnd(worker: Worker, early: EarlyEnd | undefined): void {
    this.#all.delete(worker);
    this.#busy.delete(worker);
    this.#forgetIdle(worker);
    if (this.#ready.delete(worker)) this.#options.room.used--;
    else this.#lost(early ?? {});
    this.#dispatch();
    this.#settleRetirement();
  }

  /** A worker that never came to be: the invocation that waited longest hears of it. */
  #lost({ error, outcome }: EarlyEnd): void {
    this.#starting--;
    this.#options.room.used--;
    const job = this.#queue.shift()?.job;
    if (outcome) job?.done(outcome(job.requestId));
    else job?.failed(error);
    this.#dispatch();
    this.#settleRetirement();
  }

  #dismiss(worker: Worker): void {
    this.#forgetIdle(worker);
    void worker.stop();
  }

  #forgetIdle(worker: Worker): void {
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #settleRetirement(): void {
    if (this.#queue.length === 0 && this.#all.size + this.#starting === 0) this.#retired?.();
  }
}
