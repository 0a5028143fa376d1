import type { Context } from "#kernel";
import { requireRuntime, type Runtime } from "../compute/index.ts";
import type { LogShipper } from "./log-shipper.ts";

export interface Listener {
  readonly logs: LogShipper;
  readonly explain: (message: string) => void;
  readonly signal: AbortSignal;
}

/** The image's runtime; while pip makes it, its lines are in the job's log and the last one is the phase's message. */
export function provideRuntime(ctx: Context, image: string, { logs, explain, signal }: Listener): Promise<Runtime> {
  let told = 0;
  return requireRuntime(ctx.kernel.settings, image, {
    signal,
    onProgress(line) {
      logs.write(`[runtime] ${line}`);
      const now = ctx.now().getTime();
      if (now - told < 500) return;
      told = now;
      explain(`Downloading the training image: ${line.trim().slice(0, 200)}`);
    },
  });
}
