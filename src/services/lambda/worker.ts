import { setImmediate as immediate } from "node:timers/promises";
import { messageOf } from "#core";
import type { ProcessEnd, RunningProcess, Series } from "#kernel";
import type { LogShipper } from "./log-shipper.ts";
import { answered, describeEnd, exited, type Outcome, timedOut } from "./outcome.ts";
import { createReport, type Measured, type Report } from "./report.ts";
import type { NextInvocation, RuntimeAnswer, RuntimeApi } from "./runtime-api.ts";

export interface Job {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly clientContext: string | undefined;
  /** Whether the caller wants the end of the log. */
  readonly tail: boolean;
  done(outcome: Outcome): void;
  /** No fault of the function: it could not be run at all. */
  failed(error: unknown): void;
}

export interface WorkerOptions extends WorkerEvents {
  readonly functionArn: string;
  /** Seconds. */
  readonly timeout: number;
  readonly memorySize: number;
  readonly runtime: string;
  /** When its credentials end. */
  readonly expires: number;
  readonly api: RuntimeApi;
  readonly logs: LogShipper;
  /** Milliseconds of each invocation, for its metric. */
  readonly durations: Series;
  now(): number;
  launch(address: string, onLine: (line: string) => void): Promise<RunningProcess>;
}

export interface WorkerEvents {
  onIdle(worker: Worker): void;
  /** It is gone. With `early`, before it could take anything. */
  onEnd(worker: Worker, early?: EarlyEnd): void;
}

export interface EarlyEnd {
  readonly outcome?: (requestId: string) => Outcome;
  readonly error?: unknown;
}

/** AWS: the init phase has 10 seconds; here the first invocation's time is added. */
const INIT_SECONDS = 10;

/** One process of a function: one invocation at a time. */
export class Worker {
  readonly expires: number;
  idleSince: number;
  busySince: number | undefined;

  readonly #options: WorkerOptions;
  readonly #report: Report;
  readonly #admitted: { readonly address: string; dismiss(): void };
  readonly #initTimer: NodeJS.Timeout;
  #take: ((invocation: NextInvocation) => void) | undefined;
  #current: { readonly job: Job; readonly started: number; readonly timer: NodeJS.Timeout } | undefined;
  #process: RunningProcess | undefined;
  #ready = false;
  #stopped = false;
  #early: ((requestId: string) => Outcome) | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.expires = options.expires;
    this.idleSince = options.now();
    this.#report = createReport(options);
    this.#initTimer = setTimeout(() => this.#initExpired(), (INIT_SECONDS + options.timeout) * 1000).unref();
    this.#admitted = options.api.admit({
      onNext: (take) => this.#onNext(take),
      onAnswer: (answer) => this.#onAnswer(answer),
      onInitError: (answer) => this.#onInitError(answer),
    });
    void this.#run();
  }

  /** Only when it is idle. */
  invoke(job: Job): void {
    const { timeout, functionArn, now } = this.#options;
    const take = this.#take;
    this.#take = undefined;
    this.busySince = now();
    this.#current = { job, started: performance.now(), timer: setTimeout(() => this.#expired(), timeout * 1000) };
    this.#report.start(job.requestId, job.tail);
    take?.({ ...job, deadline: this.busySince + timeout * 1000, functionArn });
  }

  /** Ends it now; an invocation that runs fails. Resolves when it is gone and its last line is written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#initTimer);
    this.#admitted.dismiss();
    await this.#process?.stop(0).catch(() => {});
    await immediate();
    await this.#options.logs.flush();
  }

  /** The server stops: what runs here is neither done nor failed. */
  async abandon(reason: Error): Promise<void> {
    const job = this.#current?.job;
    clearTimeout(this.#current?.timer);
    this.#current = undefined;
    job?.failed(reason);
    await this.stop();
  }

  async #run(): Promise<void> {
    try {
      this.#process = await this.#options.launch(this.#admitted.address, this.#report.output);
      if (this.#stopped) void this.stop();
      this.#onExit(await this.#process.ended);
    } catch (error) {
      this.#report.line(`${messageOf(error)}\n`);
      this.#close({ error });
    }
  }

  #onNext(take: (invocation: NextInvocation) => void): void {
    this.#take = take;
    if (!this.#ready) {
      this.#ready = true;
      this.#report.initDone();
      clearTimeout(this.#initTimer);
    }
    this.#settle();
  }

  #onAnswer({ requestId, body, errorType, maxMemoryKb }: RuntimeAnswer): void {
    if (this.#current?.job.requestId !== requestId) return;
    if (errorType === undefined) this.#finish(answered(body), "ok", maxMemoryKb);
    else this.#finish({ payload: body, failed: true }, "error", maxMemoryKb);
    this.#settle();
  }

  #onInitError({ body, errorType }: RuntimeAnswer): void {
    this.#early = () => ({ payload: body, failed: true });
    this.#report.initFailed(errorType ?? "Unhandled");
  }

  /** The answer and the question for more may come in either order; idle is who has both behind it. */
  #settle(): void {
    if (!this.#take || this.#current) return;
    this.idleSince = this.#options.now();
    this.#options.onIdle(this);
  }

  #finish(outcome: Outcome, status: Measured["status"], maxMemoryKb?: number): void {
    if (!this.#current) return;
    const { job, started, timer } = this.#current;
    clearTimeout(timer);
    this.#current = undefined;
    this.busySince = undefined;
    const duration = performance.now() - started;
    this.#options.durations.add(duration);
    if (!job.tail) job.done(outcome);
    // What the process wrote before it answered is on its way through another pipe: one turn of the loop later it is here.
    setImmediate(() => {
      const tail = this.#report.end(job.requestId, { duration, status, maxMemoryKb });
      if (job.tail) job.done({ ...outcome, ...(tail !== undefined && { tail }) });
    });
  }

  #expired(): void {
    if (!this.#current) return;
    const { timeout, now } = this.#options;
    const { requestId } = this.#current.job;
    this.#report.line(
      `${new Date(now()).toISOString()} ${requestId} Task timed out after ${timeout.toFixed(2)} seconds\n\n`,
    );
    this.#finish(timedOut(requestId, timeout), "timeout");
    void this.stop();
  }

  #initExpired(): void {
    const seconds = INIT_SECONDS + this.#options.timeout;
    this.#early = (requestId) => timedOut(requestId, seconds);
    void this.stop();
  }

  #onExit(end: ProcessEnd): void {
    if (this.#current) {
      const { requestId } = this.#current.job;
      this.#report.line(`RequestId: ${requestId} Error: ${describeEnd(end)}\nRuntime.ExitError\n`);
      this.#finish(exited(requestId, end), "error");
    }
    this.#close(this.#ready ? undefined : { outcome: this.#early ?? ((requestId) => exited(requestId, end)) });
  }

  #close(early: EarlyEnd | undefined): void {
    clearTimeout(this.#initTimer);
    this.#admitted.dismiss();
    setImmediate(() => void this.#options.logs.flush());
    this.#options.onEnd(this, early);
  }
}
