import type { Context } from "#kernel";
import { requirePackages, requireRuntime, type Runtime } from "../compute/index.ts";
import type { LogShipper } from "./log-shipper.ts";

export interface Listener {
  readonly logs: LogShipper;
  readonly explain: (message: string) => void;
  readonly signal: AbortSignal;
}

/** The image's runtime; while pip makes it, its lines are in the job's log and the last one is the phase's message. */
export function provideRuntime(ctx: Context, image: string, listener: Listener): Promise<Runtime> {
  const onProgress = follow(listener, { tag: "[runtime]", phase: "Downloading the training image" });
  return requireRuntime(ctx.kernel.settings, image, { signal: listener.signal, onProgress });
}

/** What the script wants besides the image, followed in the same way; `code` is where its requirements.txt would lie. */
export async function providePackages(
  ctx: Context,
  runtime: Runtime,
  code: string | undefined,
  listener: Listener & { readonly network: boolean },
): Promise<string | undefined> {
  if (code === undefined) return undefined;
  const onProgress = follow(listener, { tag: "[packages]", phase: "Installing requirements.txt" });
  const { signal, network } = listener;
  return requirePackages(ctx.kernel.settings, runtime, code, { signal, network, onProgress });
}

function follow({ logs, explain }: Listener, says: { readonly tag: string; readonly phase: string }) {
  let told = 0;
  return (line: string) => {
    logs.write(`${says.tag} ${line}`);
    const now = performance.now();
    if (told > 0 && now - told < 500) return;
    told = now;
    explain(`${says.phase}: ${line.trim().slice(0, 200)}`);
  };
}
