/** What was asked lately, by whom, and how it ended: for `doctor`, tests and Studio. Kept in memory only. */
export interface Journal {
  record(entry: JournalEntry): void;
  /** Oldest first. */
  entries(): readonly JournalEntry[];
}

export interface JournalEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly principal: string;
  /** Whether it came over the wire or from another service. */
  readonly origin: "wire" | "service";
  /** The fault's code, when it ended in one. */
  readonly fault?: string;
}

const KEPT = 1000;

export function createJournal(): Journal {
  const ring: JournalEntry[] = [];
  let next = 0;
  return {
    record(entry) {
      ring[next % KEPT] = entry;
      next++;
    },
    entries() {
      const split = next % KEPT;
      return next <= KEPT ? ring.slice() : [...ring.slice(split), ...ring.slice(0, split)];
    },
  };
}
