import { findByPath, parseArn } from "#core";
import { type Context, type Kernel, type Live, servicePrincipal } from "#kernel";
import { AwsFault } from "#protocol";
import { toInput } from "./input.ts";
import { atWork, SERVICE } from "./outbox.ts";
import type { DeliveryRow, EventsTables } from "./state.ts";

/** Brings what PutEvents stored to its targets, in the background. */
export interface Delivery {
  /** Something may be due. */
  wake(): void;
  /** What was accepted before the server ended is delivered now, when the services that are its targets have started too. */
  resume(): void;
  dispose(): void;
}

const AT_ONCE = 8;
// AWS: 24 hours and up to 185 times, unless the target says otherwise. EventBridge user guide, "How EventBridge retries".
const DEFAULT_SECONDS = 86_400;
const DEFAULT_ATTEMPTS = 185;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 300_000;
const RESUME_PAUSE = 200;

export function requireDelivery(kernel: Kernel): Delivery {
  return kernel.live(definition);
}

const definition: Live<Delivery> = {
  name: "events.delivery",
  create: createDelivery,
  dispose: (delivery) => delivery.dispose(),
};

function createDelivery(kernel: Kernel): Delivery {
  let running = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const outbox = () => atWork(kernel, kernel.settings.region).tables.outbox.list();

  const drain = async (signal: AbortSignal): Promise<void> => {
    while (again && !signal.aborted) {
      again = false;
      const now = kernel.clock.now().getTime();
      const due = outbox().filter(({ row }) => isDue(row, now));
      for (let at = 0; at < due.length && !signal.aborted; at += AT_ONCE) {
        await Promise.all(due.slice(at, at + AT_ONCE).map(({ key, row }) => attempt(key, row, signal)));
      }
    }
  };

  const attempt = async (key: string, row: DeliveryRow, signal: AbortSignal): Promise<void> => {
    const ctx = atWork(kernel, row.region);
    try {
      await deliver(row, ctx);
    } catch (error) {
      // What the end of the server cut short is tried again at the next start.
      if (signal.aborted) return;
      const next = retryOf(row, error, kernel.clock.now().getTime());
      if (next) {
        ctx.tables.outbox.put(key, next);
        again = again || next.due <= kernel.clock.now().getTime();
        return;
      }
    }
    ctx.tables.outbox.delete(key);
  };

  const wakeIn = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(wake, milliseconds);
    timer.unref();
  };

  const wake = (): void => {
    again = true;
    if (running) return;
    running = true;
    kernel.tasks.run("events delivery", async (signal) => {
      try {
        await drain(signal);
      } finally {
        running = false;
      }
      const next = signal.aborted ? undefined : outbox()[0] && Math.min(...outbox().map(({ row }) => row.due));
      if (next !== undefined) wakeIn(Math.min(LONGEST_PAUSE, Math.max(0, next - kernel.clock.now().getTime())));
    });
  };

  return {
    wake,
    resume() {
      if (outbox().length > 0) wakeIn(RESUME_PAUSE);
    },
    dispose: () => clearTimeout(timer),
  };
}

/** What is due later than any pause was noted before the clock was set back. */
export function isDue({ due }: Pick<DeliveryRow, "due">, now: number): boolean {
  return due <= now || due > now + LONGEST_PAUSE;
}

async function deliver(row: DeliveryRow, ctx: Context<EventsTables>): Promise<void> {
  const { target } = row;
  const arn = parseArn(target.arn);
  const as = target.roleArn
    ? (await ctx.assume(target.roleArn, { service: SERVICE, sessionName: row.event.id.replaceAll("-", "") })).principal
    : servicePrincipal(SERVICE, ctx.account, row.ruleArn);
  if (arn?.service === "lambda") {
    const Payload = new TextEncoder().encode(toInput(row));
    await ctx.call("lambda", "Invoke", { FunctionName: target.arn, InvocationType: "Event", Payload }, { as });
    return;
  }
  await ctx.call(
    "sagemaker",
    "StartPipelineExecution",
    {
      PipelineName: (arn?.resource ?? "").slice("pipeline/".length),
      // The same event starts the same execution once, however often it is tried.
      ClientRequestToken: row.event.id.replaceAll("-", ""),
      PipelineParameters: (target.pipelineParameters ?? []).map(({ name, value }) => ({
        Name: name,
        Value: toParameter(value, row.event),
      })),
    },
    { as },
  );
}

function toParameter(value: string, event: unknown): string {
  if (!value.startsWith("$")) return value;
  const found = findByPath(event, value);
  return typeof found === "string" ? found : JSON.stringify(found ?? "");
}

/** AWS: what the target itself refuses (no permission, no such function) is not tried again. User guide, "How EventBridge retries". */
function retryOf(row: DeliveryRow, error: unknown, now: number): DeliveryRow | undefined {
  if (error instanceof AwsFault && error.sender && !PASSING.test(error.code)) return undefined;
  const { attempts: maximum = DEFAULT_ATTEMPTS, seconds = DEFAULT_SECONDS } = row.target.retry ?? {};
  const attempts = row.attempts + 1;
  const due = now + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** row.attempts);
  if (attempts > maximum || due > row.accepted + seconds * 1000) return undefined;
  return { ...row, attempts, due };
}

const PASSING = /Throttl|TooManyRequests|LimitExceeded|ResourceConflict|ResourceNotReady/;
