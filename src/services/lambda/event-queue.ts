import { type Context, type Kernel, type Live, rootPrincipal } from "#kernel";
import { unlessAborted } from "./abort.ts";
import { fleet } from "./fleet.ts";
import type { Outcome } from "./outcome.ts";
import type { EventRow, FunctionRow, LambdaTables } from "./state.ts";

/** AWS: a minute before the second attempt, two before the third; at most six hours in all. */
const RETRY_DELAYS = [60_000, 120_000];
const MOST_RETRIES = 2;
const OLDEST = 21_600;
/** AWS: throttled and failed starts are tried again after 1 second, and ever later up to 5 minutes. */
const FIRST_BACKOFF = 1000;
const LONGEST_BACKOFF = 300_000;

export const eventQueue: Live<EventQueue> = {
  name: "lambda: events",
  create: (kernel) => new EventQueue(kernel),
  dispose: (value) => value.stop(),
};

/** Asynchronous invocations: kept in a table until the function has done them, or has failed as often as it may. */
export class EventQueue {
  readonly #kernel: Kernel;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  add(ctx: Context<LambdaTables>, row: FunctionRow, payload: Uint8Array): void {
    const received = this.#now();
    const event: EventRow = {
      id: ctx.principal.type === "service" ? this.#kernel.ids.uuid() : ctx.requestId,
      region: ctx.region,
      functionName: row.name,
      payload: Buffer.from(payload).toString("base64"),
      received,
      failures: 0,
      due: received,
    };
    ctx.tables.events.put(event.id, event);
    this.#schedule(event);
  }

  /** Takes up what a server before this one left. */
  resume(ctx: Context<LambdaTables>): void {
    for (const { row } of ctx.tables.events.list()) this.#schedule(row);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #schedule(event: EventRow, backoff = FIRST_BACKOFF): void {
    const attempt = () => {
      this.#timers.delete(timer);
      this.#kernel.tasks.run(`lambda: event for ${event.functionName}`, (signal) =>
        this.#attempt(event, backoff, signal),
      );
    };
    // No longer than any pause that is ever made: the clock may have been set back since.
    const timer = setTimeout(attempt, Math.min(LONGEST_BACKOFF, Math.max(0, event.due - this.#now()))).unref();
    this.#timers.add(timer);
  }

  async #attempt(event: EventRow, backoff: number, signal: AbortSignal): Promise<void> {
    const kernel = this.#kernel;
    const owner = rootPrincipal(kernel.settings.account);
    const { tables } = kernel.context("lambda", owner, event.region) as Context<LambdaTables>;
    const row = tables.functions.get(event.functionName);
    const age = (this.#now() - event.received) / 1000;
    if (!row || age > (row.eventInvoke?.maximumEventAgeInSeconds ?? OLDEST)) {
      tables.events.delete(event.id);
      return;
    }
    const payload = Buffer.from(event.payload, "base64");
    let outcome: Outcome | undefined;
    try {
      outcome = await unlessAborted(
        kernel.live(fleet).invoke(row, event.region, { requestId: event.id, payload }),
        signal,
      );
    } catch {
      // No fault of the function's: throttled, or it could not be started. It does not count as an attempt.
      this.#schedule({ ...event, due: this.#now() + backoff }, Math.min(backoff * 2, LONGEST_BACKOFF));
      return;
    }
    // The server stops: the next one takes it up.
    if (!outcome) return;
    const failures = event.failures + 1;
    if (!outcome.failed || failures > (row.eventInvoke?.maximumRetryAttempts ?? MOST_RETRIES)) {
      tables.events.delete(event.id);
      return;
    }
    const again = { ...event, failures, due: this.#now() + (RETRY_DELAYS[failures - 1] ?? 0) };
    tables.events.put(event.id, again);
    this.#schedule(again);
  }

  #now(): number {
    return this.#kernel.clock.now().getTime();
  }
}
