import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CauceError, homeUnwritable, isRunning, markOf, parseJson, type ProcessMark } from "#core";

/** One server a home: two would overwrite each other's state. The claim of a server that died is taken over. */
export function claimHome(home: string): { release(): void } {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw homeUnwritable(home, error);
  }
  const file = join(home, "server.lock");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = openSync(file, "wx", 0o600);
      writeSync(handle, JSON.stringify(markOf(process.pid)));
      closeSync(handle);
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw homeUnwritable(home, error);
      const holder = readClaim(file);
      if (holder && isRunning(holder)) throw taken(home, holder);
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
