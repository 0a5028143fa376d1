import type { Kernel, Live } from "#kernel";
import { evaluateAlarms } from "./evaluate-alarms.ts";
import { MINUTE } from "./series.ts";
import { metricStore } from "./store.ts";

/** Once a minute: what was counted is written, then the alarms look at it. */
export interface Pulse {
  /** Does what the minute that has ended asks for, unless it was done: a reader need not wait for the timer. */
  catchUp(): void;
  dispose(): void;
}

export function requirePulse(kernel: Kernel): Pulse {
  return kernel.live(definition);
}

const definition: Live<Pulse> = {
  name: "cloudwatch.pulse",
  create: createPulse,
  dispose: (pulse) => pulse.dispose(),
};

/** After the full minute, so that what belongs to it is there. */
const MARGIN = 20;

function createPulse(kernel: Kernel): Pulse {
  const now = () => kernel.clock.now().getTime();
  const minute = () => Math.floor(now() / MINUTE);
  // Made before anything counts: its end is after theirs.
  const store = metricStore(kernel);
  let done = minute();
  let timer: NodeJS.Timeout;

  const catchUp = (): void => {
    // Also when the clock was set back.
    if (minute() === done) return;
    done = minute();
    kernel.metrics.observe();
    store.flush();
    evaluateAlarms(kernel);
  };
  const wait = (): void => {
    timer = setTimeout(tick, MINUTE - (now() % MINUTE) + MARGIN).unref();
  };
  const tick = (): void => {
    // As a task: a failure is reported, and the next minute comes all the same.
    kernel.tasks.run("cloudwatch: minute", async () => catchUp());
    wait();
  };
  wait();
  return { catchUp, dispose: () => clearTimeout(timer) };
}
