import { type Context, type Kernel, type Live, rootPrincipal } from "#kernel";
import { fleet } from "./fleet.ts";
import type { Outcome } from "./outcome.ts";
import type { EventRow, FunctionRow, LambdaTables } from "./state.ts";

/** Asynchronous invocations: kept in a table until the function has done them, or has failed as often as it may. */
export interface EventQueue {
  add(ctx: Context<LambdaTables>, row: FunctionRow, payload: Uint8Array): void;
  /** Takes up what a server before this one left. */
  resume(ctx: Context<LambdaTables>): void;
  stop(): void;
}

/** AWS: a minute before the second attempt, two before the third; at most six hours in all. */
export const RETRY_DELAYS = [60_000, 120_000];
const MOST_RETRIES = 2;
const OLDEST = 21_600;
/** AWS: throttled and failed starts are tried again after 1 second, and ever later up to 5 minutes. */
const FIRST_BACKOFF = 1000;
const LONGEST_BACKOFF = 300_000;

export const eventQueue: Live<EventQueue> = {
  name: "lambda: events",
  create: createEventQueue,
  dispose: (value) => value.stop(),
};

function createEventQueue(kernel: Kernel): EventQueue {
  const timers = new Set<NodeJS.Timeout>();
  const now = () => kernel.clock.now().getTime();
  const schedule = (event: EventRow, backoff = FIRST_BACKOFF) => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        kernel.tasks.run(`lambda: event for ${event.functionName}`, () => attempt(event, backoff));
      },
      Math.max(0, event.due - now()),
    );
    timer.unref();
    timers.add(timer);
  };
  const tablesOf = (event: EventRow) => {
    const ctx = kernel.context("lambda", rootPrincipal(kernel.settings.account), event.region) as Context<LambdaTables>;
    return ctx.tables;
  };
  const attempt = async (event: EventRow, backoff: number) => {
    const tables = tablesOf(event);
    const row = tables.functions.get(event.functionName);
    const age = (now() - event.received) / 1000;
    if (!row || age > (row.eventInvoke?.maximumEventAgeInSeconds ?? OLDEST)) return void tables.events.delete(event.id);
    let outcome: Outcome;
    try {
      const payload = Buffer.from(event.payload, "base64");
      outcome = await kernel.live(fleet).invoke(row, event.region, { requestId: event.id, payload });
    } catch {
      // No fault of the function's: throttled, or it could not be started. It does not count as an attempt.
      schedule({ ...event, due: now() + backoff }, Math.min(backoff * 2, LONGEST_BACKOFF));
      return;
    }
    const failures = event.failures + 1;
    if (!outcome.failed || failures > (row.eventInvoke?.maximumRetryAttempts ?? MOST_RETRIES)) {
      tables.events.delete(event.id);
      return;
    }
    const again = { ...event, failures, due: now() + (RETRY_DELAYS[failures - 1] ?? 0) };
    tables.events.put(event.id, again);
    schedule(again);
  };
  return {
    add(ctx, row, payload) {
      const received = now();
      const event: EventRow = {
        id: kernel.ids.uuid(),
        region: ctx.region,
        functionName: row.name,
        payload: Buffer.from(payload).toString("base64"),
        received,
        failures: 0,
        due: received,
      };
      ctx.tables.events.put(event.id, event);
      schedule(event);
    },
    resume(ctx) {
      for (const { row } of ctx.tables.events.list()) schedule(row);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
