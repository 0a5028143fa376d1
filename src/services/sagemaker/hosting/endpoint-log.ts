import { messageOf } from "#core";
import { servicePrincipal } from "#kernel";
import { AwsFault } from "#protocol";
import { SAGEMAKER } from "../events.ts";
import type { HostingContext } from "./state.ts";

/** One stream of an endpoint's log group. Lines are sent together a moment later, in their order. */
export interface EndpointLog {
  write(line: string): void;
  flush(): Promise<void>;
}

const DELAY = 200;

export function logGroupOf(endpointName: string): string {
  return `/aws/sagemaker/Endpoints/${endpointName}`;
}

export function openEndpointLog(ctx: HostingContext, endpointName: string, variant: string): EndpointLog {
  const logGroupName = logGroupOf(endpointName);
  // AWS: streams are named after the variant and the instance that writes.
  const logStreamName = `${variant}/i-${ctx.kernel.ids.token(17, "0123456789abcdef")}`;
  const as = servicePrincipal(SAGEMAKER, ctx.account);
  let waiting: { timestamp: number; message: string }[] = [];
  let sending: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let opened = false;

  const send = async () => {
    const logEvents = waiting;
    waiting = [];
    if (logEvents.length === 0) return;
    if (!opened) {
      await unlessThere(ctx.call("logs", "CreateLogGroup", { logGroupName }, { as }));
      await unlessThere(ctx.call("logs", "CreateLogStream", { logGroupName, logStreamName }, { as }));
      opened = true;
    }
    await ctx.call("logs", "PutLogEvents", { logGroupName, logStreamName, logEvents }, { as });
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    // A log that cannot be written must not end what it is about.
    sending = sending.then(send).catch((error: unknown) => {
      waiting = [];
      if (!(error instanceof AwsFault))
        throw new Error(`The log of ${endpointName}: ${messageOf(error)}`, { cause: error });
    });
    return sending;
  };
  return {
    flush,
    write(line) {
      waiting.push({ timestamp: ctx.now().getTime(), message: line === "" ? " " : line });
      timer ??= setTimeout(() => void flush().catch(() => {}), DELAY).unref();
    },
  };
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof AwsFault) || error.code !== "ResourceAlreadyExistsException") throw error;
  }
}
