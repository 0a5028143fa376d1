import type { Context } from "#kernel";
import { AwsFault } from "#protocol";

/** Takes a worker's lines to CloudWatch Logs, as the function's role, a few times a second: no invocation waits for it. */
export interface LogShipper {
  line(timestamp: number, message: string): void;
  /** Sends what is left. */
  flush(): Promise<void>;
}

const INTERVAL = 200;
/** AWS: 10,000 events and 1 MB a request, an event counting 26 bytes more than its text. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_000_000;

export interface LogPlace {
  readonly group: string;
  readonly stream: string;
  /** Whether a group that is not there may be made: not any more once the function is deleted, or its last lines would bring it back. */
  mayCreate(): boolean;
}

/** `ctx` is the role's. */
export function createLogShipper(ctx: Context, place: LogPlace, report: (error: unknown) => void): LogShipper {
  let waiting: { timestamp: number; message: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();
  let ready = false;
  let refused = false;

  const send = async (events: typeof waiting) => {
    if (refused || events.length === 0) return;
    try {
      if (!ready) await prepare(ctx, place);
      ready = true;
      for (const batch of batches(events.sort((a, b) => a.timestamp - b.timestamp))) {
        await ctx.call("logs", "PutLogEvents", {
          logGroupName: place.group,
          logStreamName: place.stream,
          logEvents: batch,
        });
      }
    } catch (error) {
      ready = false;
      if (!(error instanceof AwsFault)) return report(error);
      // AWS: a role that may not write logs leaves none, and the function runs all the same.
      if (error.code === "AccessDeniedException") refused = true;
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const events = waiting;
    waiting = [];
    sending = sending.then(() => send(events));
    return sending;
  };
  return {
    line(timestamp, message) {
      if (refused) return;
      waiting.push({ timestamp, message });
      timer ??= setTimeout(flush, INTERVAL).unref();
    },
    flush,
  };
}

async function prepare(ctx: Context, { group, stream, mayCreate }: LogPlace): Promise<void> {
  const name = { logGroupName: group, logStreamName: stream };
  try {
    await ctx.call("logs", "CreateLogStream", name);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    if (error.code === "ResourceAlreadyExistsException") return;
    if (error.code !== "ResourceNotFoundException" || !mayCreate()) throw error;
    await ctx.call("logs", "CreateLogGroup", { logGroupName: group }).catch(unlessThere);
    await ctx.call("logs", "CreateLogStream", name).catch(unlessThere);
  }
}

/** Another worker of the same function was faster. */
function unlessThere(error: unknown): undefined {
  if (error instanceof AwsFault && error.code === "ResourceAlreadyExistsException") return undefined;
  throw error;
}

function* batches<E extends { readonly message: string }>(events: readonly E[]): Generator<E[]> {
  let batch: E[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(event.message) + 26;
    if (batch.length >= MOST_EVENTS || (batch.length > 0 && bytes + size > MOST_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
