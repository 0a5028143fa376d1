import { setTimeout as sleep } from "node:timers/promises";

/** Asks until `done` says so. Quick at first, slower the longer it takes, so that one pace suits milliseconds and half-hours. */
export async function poll<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onAnswer?: ((answer: T) => void | Promise<void>) | undefined;
  } = {},
): Promise<T> {
  const start = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await ask();
    await options.onAnswer?.(answer);
    if (done(answer)) return answer;
    const pause = Math.min(5000, Math.max(60, (performance.now() - start) / 20));
    await sleep(pause, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** Whether a client's error has one of these names. */
export function isAwsError(error: unknown, ...names: readonly string[]): error is Error {
  return (
    error instanceof Error && (names.includes(error.name) || names.includes((error as { Code?: string }).Code ?? ""))
  );
}
