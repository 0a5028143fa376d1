/** Work that goes on after its request was answered. All of it is stopped, and waited for, when the server stops. */
export interface Tasks {
  /** `work` must listen to the signal. What it throws is reported, never lost. */
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Runs `work` every so often until the server stops; one run at a time. */
  every(name: string, milliseconds: number, work: (signal: AbortSignal) => void | Promise<void>): void;
  stop(): Promise<void>;
}

export function createTasks(report: (name: string, error: unknown) => void): Tasks {
  const controller = new AbortController();
  const running = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();

  const run: Tasks["run"] = (name, work) => {
    if (controller.signal.aborted) return;
    const promise = work(controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) report(name, error);
      })
      .finally(() => running.delete(promise));
    running.add(promise);
  };

  return {
    run,
    every(name, milliseconds, work) {
      let busy = false;
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        run(name, async (signal) => {
          try {
            await work(signal);
          } finally {
            busy = false;
          }
        });
      }, milliseconds);
      timer.unref();
      timers.add(timer);
    },
    async stop() {
      controller.abort();
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running);
    },
  };
}
