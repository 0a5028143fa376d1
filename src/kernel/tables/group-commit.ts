import type { DatabaseSyncInstance } from "@photostructure/sqlite";

export interface GroupCommit {
  /** Resolves once what `work` wrote survives a power cut. `work` must be synchronous; what it throws undoes only what it did. */
  add<T>(work: () => T): Promise<T>;
  /** Those that still wait, now. */
  flush(): void;
}

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Works that come in one turn of the event loop share one transaction: a sync is what a commit costs, and they share that too. */
export function createGroupCommit(
  db: DatabaseSyncInstance,
  { transaction, undone }: { transaction<T>(work: () => T): T; undone(): void },
): GroupCommit {
  let waiting: Waiting[] = [];

  function attempt({ work, resolve, reject }: Waiting): () => void {
    db.exec("SAVEPOINT one");
    try {
      const value = work() as never;
      db.exec("RELEASE one");
      return () => resolve(value);
    } catch (error) {
      // A full disk makes SQLite roll back everything: then nobody's work is done.
      if (!db.isTransaction) throw error;
      db.exec("ROLLBACK TO one; RELEASE one");
      undone();
      return () => reject(error);
    }
  }

  function flush(): void {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    let answers: (() => void)[];
    try {
      answers = transaction(() => group.map(attempt));
    } catch (error) {
      answers = group.map(
        ({ reject }) =>
          () =>
            reject(error),
      );
    }
    for (const answer of answers) answer();
  }

  return {
    add: (work) =>
      new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      }),
    flush,
  };
}
