import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CauceError, homeUnwritable, isRunning, markOf, parseJson, type ProcessMark } from "#core";

export interface Claim {
  /** The process of a server that held it and is gone without having released it: it was killed. */
  readonly killed?: number;
  release(): void;
}

/** One server a home: two would overwrite each other's state. The claim of a server that died is taken over. */
export function claimHome(home: string): Claim {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw homeUnwritable(home, error);
  }
  const file = join(home, "server.lock");
  let killed: number | undefined;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = openSync(file, "wx", 0o600);
      writeSync(handle, JSON.stringify(markOf(process.pid)));
      closeSync(handle);
      return { ...(killed !== undefined && { killed }), release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw homeUnwritable(home, error);
      const holder = readClaim(file);
      if (holder && isRunning(holder)) throw taken(home, holder);
      killed = holder?.pid;
      rmSync(file, { force: true });
    }
  }
  throw new Error(`${file} comes back as fast as it is removed.`);
}

function readClaim(file: string): ProcessMark | undefined {
  try {
    return parseJson(readFileSync(file, "utf8")) as ProcessMark | undefined;
  } catch {
    return undefined;
  }
}

function taken(home: string, { pid }: ProcessMark): CauceError {
  return new CauceError({
    code: "HomeInUse",
    what: `Another Cauce server uses ${home}.`,
    why: `It runs as process ${pid}.`,
    fix: "Stop it with `cauce down`, or set CAUCE_HOME to another folder.",
  });
}
