import { type Context, servicePrincipal } from "#kernel";
import { AwsFault } from "#protocol";
import { SAGEMAKER } from "../events.ts";

/** Sends a job's lines to CloudWatch Logs while it runs. */
export interface LogShipper {
  write(line: string): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

const EVERY_MILLISECONDS = 200;
/** AWS: a batch has at most 10,000 events and 1,048,576 bytes, each event counting 26 bytes more. */
const MOST_EVENTS = 2000;
const MOST_BYTES = 900_000;

interface Line {
  readonly timestamp: number;
  readonly message: string;
}

export function shipLogs(
  ctx: Context,
  logGroupName: string,
  logStreamName: string,
  report: (error: unknown) => void,
): LogShipper {
  const as = servicePrincipal(SAGEMAKER, ctx.account);
  const waiting: Line[] = [];
  let opened = false;
  let sending = Promise.resolve();

  const open = async () => {
    if (opened) return;
    await ctx.call("logs", "CreateLogGroup", { logGroupName }, { as }).catch(ignoreExisting);
    await ctx.call("logs", "CreateLogStream", { logGroupName, logStreamName }, { as }).catch(ignoreExisting);
    opened = true;
  };
  const send = async () => {
    if (waiting.length === 0) return;
    await open();
    while (waiting.length > 0) {
      const logEvents = takeBatch(waiting);
      await ctx.call("logs", "PutLogEvents", { logGroupName, logStreamName, logEvents }, { as });
    }
  };
  const timer = setInterval(() => {
    sending = sending.then(send).catch(report);
  }, EVERY_MILLISECONDS);

  return {
    write(line) {
      // AWS: an event cannot be empty.
      if (line.trim() !== "") waiting.push({ timestamp: ctx.now().getTime(), message: line });
    },
    async close() {
      clearInterval(timer);
      await sending;
      await send().catch(report);
    },
  };
}

function takeBatch(waiting: Line[]): Line[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of waiting) {
    bytes += Buffer.byteLength(message) + 26;
    if (count > 0 && (bytes > MOST_BYTES || count >= MOST_EVENTS)) break;
    count++;
  }
  return waiting.splice(0, count);
}

function ignoreExisting(error: unknown): void {
  if (error instanceof AwsFault && error.code === "ResourceAlreadyExistsException") return;
  throw error;
}
