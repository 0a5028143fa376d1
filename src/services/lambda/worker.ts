import type { ProcessEnd, RunningProcess } from "#kernel";
import { messageOf } from "#core";
import type { LogShipper } from "./log-shipper.ts";
import { answered, describeEnd, exited, type Outcome, timedOut } from "./outcome.ts";
import { createReport } from "./report.ts";
import type { NextInvocation, RuntimeAnswer, RuntimeApi } from "./runtime-api.ts";

/** One process of a function: one invocation at a time. */
export interface Worker {
  readonly busySince: number | undefined;
  readonly idleSince: number;
  /** When its credentials end. */
  readonly expires: number;
  /** Only when it is idle. */
  invoke(job: Job): void;
  /** Ends it now; an invocation that runs fails. */
  stop(): Promise<void>;
}

export interface Job {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly clientContext: string | undefined;
  readonly tail: boolean;
  done(outcome: Outcome): void;
  /** No fault of the function: it could not be run at all. */
  failed(error: unknown): void;
}

export interface WorkerOptions {
  readonly functionArn: string;
  /** Seconds. */
  readonly timeout: number;
  readonly memorySize: number;
  readonly runtime: string;
  readonly expires: number;
  readonly api: RuntimeApi;
  readonly logs: LogShipper;
  now(): number;
  launch(address: string, onLine: (line: string) => void): Promise<RunningProcess>;
  onIdle(worker: Worker): void;
  /** It is gone; before it could take anything when there is an error or an outcome. */
  onEnd(worker: Worker, early?: { readonly outcome?: (requestId: string) => Outcome; readonly error?: unknown }): void;
}

/** AWS: the init phase has 10 seconds; here the first invocation's time is added. */
const INIT_SECONDS = 10;

export function startWorker(options: WorkerOptions): Worker {
  const { logs, now, timeout } = options;
  const report = createReport(options);
  let take: ((invocation: NextInvocation) => void) | undefined;
  let current: { readonly job: Job; readonly started: number; readonly timer: NodeJS.Timeout } | undefined;
  let process: RunningProcess | undefined;
  let ready = false;
  let early: ((requestId: string) => Outcome) | undefined;
  let busySince: number | undefined;
  let idleSince = now();

  const finish = (outcome: Outcome, status: "ok" | "error" | "timeout", maxMemoryKb?: number) => {
    if (!current) return;
    const { job, started, timer } = current;
    clearTimeout(timer);
    current = undefined;
    busySince = undefined;
    const duration = performance.now() - started;
    // What the process wrote before it answered is on its way through another pipe: one turn of the loop later it is here.
    setImmediate(() => {
      const tail = report.end(job.requestId, { duration, status, maxMemoryKb });
      if (job.tail) job.done({ ...outcome, ...(tail !== undefined && { tail }) });
    });
    if (!job.tail) job.done(outcome);
  };
  const settle = () => {
    if (!take || current) return;
    idleSince = now();
    options.onIdle(worker);
  };
  const expire = () => {
    if (!current) return;
    const { requestId } = current.job;
    report.line(`${new Date(now()).toISOString()} ${requestId} Task timed out after ${timeout.toFixed(2)} seconds\n\n`);
    finish(timedOut(requestId, timeout), "timeout");
    void worker.stop();
  };

  const worker: Worker = {
    get busySince() {
      return busySince;
    },
    get idleSince() {
      return idleSince;
    },
    expires: options.expires,
    invoke(job) {
      const give = take;
      take = undefined;
      current = { job, started: performance.now(), timer: setTimeout(expire, timeout * 1000) };
      busySince = now();
      report.start(job.requestId, job.tail);
      give?.({ ...job, deadline: busySince + timeout * 1000, functionArn: options.functionArn });
    },
    async stop() {
      clearTimeout(initTimer);
      admitted.dismiss();
      await process?.stop(0).catch(() => {});
    },
  };

  const initTimer = setTimeout(
    () => {
      if (ready) return;
      early = (requestId) => timedOut(requestId, INIT_SECONDS + timeout);
      void worker.stop();
    },
    (INIT_SECONDS + timeout) * 1000,
  ).unref();
  const admitted = options.api.admit({
    onNext(give) {
      take = give;
      if (!ready) report.initDone();
      ready = true;
      clearTimeout(initTimer);
      settle();
    },
    onAnswer({ requestId, body, errorType, maxMemoryKb }: RuntimeAnswer) {
      if (current?.job.requestId !== requestId) return;
      if (errorType === undefined) finish(answered(body), "ok", maxMemoryKb);
      else finish({ payload: body, failed: true }, "error", maxMemoryKb);
      settle();
    },
    onInitError({ body, errorType }) {
      early = () => ({ payload: body, failed: true });
      report.initFailed(errorType ?? "Unhandled");
    },
  });
  const ended = (end: ProcessEnd) => {
    clearTimeout(initTimer);
    admitted.dismiss();
    if (current) {
      report.line(`RequestId: ${current.job.requestId} Error: ${describeEnd(end)}\nRuntime.ExitError\n`);
      finish(exited(current.job.requestId, end), "error");
    }
    setImmediate(() => void logs.flush());
    options.onEnd(worker, ready ? undefined : { outcome: early ?? ((requestId) => exited(requestId, end)) });
  };
  options
    .launch(admitted.address, report.output)
    .then((running) => {
      process = running;
      return running.ended.then(ended);
    })
    .catch((error: unknown) => {
      clearTimeout(initTimer);
      admitted.dismiss();
      report.line(`${messageOf(error)}\n`);
      options.onEnd(worker, { error });
    });
  return worker;
}
