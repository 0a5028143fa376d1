import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CauceError, parseJson } from "#core";

/** Who serves a home: read by the command line to find the server, and by a second server to keep away. */
export interface Claim {
  readonly pid: number;
  /** From `/proc`: a pid that was given to another process does not count. Empty where there is no `/proc`. */
  readonly birth: string;
}

/** One server a home: two would overwrite each other's state. The claim of a server that died is taken over. */
export function claimHome(home: string): { release(): void } {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const file = join(home, "server.lock");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = openSync(file, "wx", 0o600);
      const claim: Claim = { pid: process.pid, birth: birthOf(process.pid) };
      writeSync(handle, JSON.stringify(claim));
      closeSync(handle);
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(home, error);
      const holder = readClaim(file);
      if (holder && isAlive(holder)) throw taken(home, holder);
      rmSync(file, { force: true });
    }
  }
  throw new Error(`${file} comes back as fast as it is removed.`);
}

function readClaim(file: string): Claim | undefined {
  try {
    return parseJson(readFileSync(file, "utf8")) as Claim | undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, birth }: Claim): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return birthOf(pid) === birth;
}

function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22, counted after the command, which may hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function taken(home: string, { pid }: Claim): CauceError {
  return new CauceError({
    code: "HomeInUse",
    what: `Another Cauce server uses ${home}.`,
    why: `It runs as process ${pid}.`,
    fix: "Stop it with `cauce down`, or set CAUCE_HOME to another folder.",
  });
}

function unwritable(home: string, cause: unknown): CauceError {
  return new CauceError(
    {
      code: "HomeUnwritable",
      what: `The folder ${home} cannot be written to.`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "Make it writable, or set CAUCE_HOME to a folder that is.",
    },
    { cause },
  );
}
