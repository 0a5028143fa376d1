// What the clients of a server that is about to be killed have in common: they tell each request, and end when it is gone.
import { writeSync } from "node:fs";

/** One line that whoever started this reads, though it be killed a moment later. */
export const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

/** Says that it begins, and goes on until the server is killed: that is what this is for. */
export async function untilKilled(work) {
  writeSync(1, "ready\n");
  try {
    await work();
  } catch (error) {
    if (!/ECONNRE|socket hang up|EPIPE|TimeoutError|aborted/i.test(`${error.name} ${error.code} ${error.message}`))
      throw error;
  }
}
