import { overloaded } from "../faults.ts";

/** So many wait at most, with so many bytes; whoever comes then is told to come again (AWS: ServiceUnavailable, which SDKs retry). */
const LONGEST = 200;
const LARGEST = 64 * 2 ** 20;

/** Those who wait for a `T`, in the order of their coming. */
export interface WaitingLine<T> {
  /** Throws when the line is full; rejects when nothing was given in time. */
  wait(bytes: number, milliseconds: number): Promise<T>;
  /** Whether somebody took it. */
  give(what: T): boolean;
}

interface Waiting<T> {
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
  readonly take: (what: T) => void;
}

export function createWaitingLine<T>(): WaitingLine<T> {
  const waiting = new Set<Waiting<T>>();
  let waitingBytes = 0;

  const leave = (one: Waiting<T>) => {
    clearTimeout(one.timer);
    waiting.delete(one);
    waitingBytes -= one.bytes;
  };
  return {
    wait(bytes, milliseconds) {
      if (waiting.size >= LONGEST || (waiting.size > 0 && waitingBytes + bytes > LARGEST)) throw tooMany();
      return new Promise((resolve, reject) => {
        // Whoever waits as long as a container may answer has gone, or gives up now.
        const late = () => {
          leave(one);
          reject(tooMany());
        };
        const one: Waiting<T> = { bytes, take: resolve, timer: setTimeout(late, milliseconds) };
        waiting.add(one);
        waitingBytes += bytes;
      });
    },
    give(what) {
      const [next] = waiting;
      if (!next) return false;
      leave(next);
      next.take(what);
      return true;
    },
  };
}

function tooMany() {
  return overloaded("The endpoint has more requests waiting than it can answer in time. Try again later.");
}
