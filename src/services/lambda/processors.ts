import { cpus } from "node:os";

/** Milliseconds over which is looked back: shorter says nothing, longer is not of now. */
const [SHORTEST, LONGEST] = [50, 1000];

/** Answers whether half a processor at least had nothing to do lately. Not, until it has been asked for a moment. */
export function watchProcessors(): () => boolean {
  let before = read();
  let free = false;
  return () => {
    const now = read();
    const elapsed = now.at - before.at;
    if (elapsed < SHORTEST) return free;
    free = elapsed <= LONGEST && now.idle - before.idle >= elapsed / 2;
    before = now;
    return free;
  };
}

/** Milliseconds of idleness, of all processors together. */
function read(): { readonly at: number; readonly idle: number } {
  return { at: performance.now(), idle: cpus().reduce((sum, { times }) => sum + times.idle, 0) };
}
