import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "./limits.ts";
import { detectIsolation, type Isolation } from "./isolation.ts";
import { SANDBOX_SCRIPT } from "./sandbox-script.ts";

export type { Isolation } from "./isolation.ts";

/** What a process sees of the machine. On Linux these are its own mount, pid and ipc namespaces, and a user of its own. */
export interface Sandbox {
  /** Folders of the machine that the process sees elsewhere, and may write: `{ "/opt/ml": "/…/jobs/1/ml" }`. */
  readonly writable: Readonly<Record<string, string>>;
  /** The same, but read-only: `{ "/var/task": "/…/code" }`. */
  readonly readOnly?: Readonly<Record<string, string>>;
  /** A folder of the machine for `/tmp`. */
  readonly tmp: string;
  /** Folders that are empty to the process: `CAUCE_HOME`, a home. */
  readonly hidden: readonly string[];
  /** Files and folders that it must be able to read although they lie in one of these: an interpreter, a library. */
  readonly visible: readonly string[];
  /** Tells processes of the same machine apart: each number gets its own user where the server is root. */
  readonly slot?: number;
  /** False: no network but a loopback of its own. */
  readonly network?: boolean;
}

/** What the set-up says first, on its standard error. */
export const SETUP_BEGUN = "\u001ecauce-sandbox-begun";
/** Stands before the reason when the namespace could not be set up. */
export const SETUP_FAILED = "\u001ecauce-sandbox: ";

/** Whether processes can be isolated here, and if not, why. Tried for real, once. */
export function describeSandbox(): Promise<Isolation> {
  return detectIsolation();
}

/** The command that runs `command` isolated; undefined where that cannot be. */
export async function isolate(command: Command, sandbox: Sandbox): Promise<Command | undefined> {
  const isolation = await detectIsolation();
  if (isolation.kind === "none") return undefined;
  const namespaces = ["-m", "-p", "-i", "-f", "--kill-child", ...(sandbox.network === false ? ["-n"] : [])];
  const user = isolation.as === "user" ? ["--user", "--map-root-user"] : [];
  const { env, later } = apart(command.env);
  const args = [
    ...user,
    ...namespaces,
    "/bin/sh",
    "-c",
    SANDBOX_SCRIPT,
    "sandbox",
    ...setup(sandbox, isolation.as),
    command.cwd ?? "/",
  ];
  const inside = [
    ...dropPrivileges(sandbox, isolation.as),
    "/bin/sh",
    "-c",
    RESTORE,
    "sh",
    ...later,
    "--",
    command.command,
    ...command.args,
  ];
  // The server's end ends unshare, and unshare's end everything in the namespace.
  return { command: "setpriv", args: ["--pdeathsig", "KILL", "unshare", ...args, ...inside], env };
}

/** Variables that change what the system's own programs do. Some of those set the namespace up as root: they must not see them. */
const STEERING =
  /^(PATH|IFS|ENV|CDPATH|TZ|LANG|LANGUAGE|LOCPATH|NLSPATH|HOSTALIASES|TMPDIR)$|^(LD|LC|GLIBC|GCONV|MALLOC|RES|BASH|POSIX|PS|LIBMOUNT|LIBBLKID)/;
const RESTORE = 'while [ "$1" != -- ]; do export "$1"; shift; done; shift; exec "$@"';

function apart(env: Readonly<Record<string, string>>): { env: Record<string, string>; later: string[] } {
  const entries = Object.entries(env);
  return {
    env: {
      ...Object.fromEntries(entries.filter(([name]) => !STEERING.test(name))),
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    },
    later: entries.filter(([name]) => STEERING.test(name)).map(([name, value]) => `${name}=${value}`),
  };
}

/** The first user of those that systemd, too, gives to services without an account. */
const FIRST_JOB_USER = 61184;
const JOB_USERS = 4000;

function jobUser(sandbox: Sandbox): string {
  return String(FIRST_JOB_USER + ((sandbox.slot ?? 0) % JOB_USERS));
}

function dropPrivileges(sandbox: Sandbox, as: "root" | "user"): string[] {
  const identity = as === "root" ? ["--reuid", jobUser(sandbox), "--regid", jobUser(sandbox), "--clear-groups"] : [];
  return ["setpriv", ...identity, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
}

interface Kept {
  readonly from: string;
  readonly at: string;
  readonly mode: "rw" | "ro";
}

/** The steps of the script: keep what must be seen, hide, show it again, seal. */
function setup(sandbox: Sandbox, as: "root" | "user"): string[] {
  const visible = sandbox.visible.filter(existsSync).map((path) => realpathSync(path));
  const hidden = hiddenFolders(sandbox, visible, as);
  const places = [...Object.keys(sandbox.writable), ...Object.keys(sandbox.readOnly ?? {})];
  const stages = hollowParents(places);
  // What is shown first is mounted over by nothing that comes later.
  const kept: Kept[] = [{ from: sandbox.tmp, at: "/tmp", mode: "rw" }];
  for (const parent of stages) {
    for (const name of readdirSync(parent)) kept.push({ from: join(parent, name), at: join(parent, name), mode: "rw" });
  }
  const covered = [...hidden, ...stages, ...places, "/tmp"];
  for (const path of visible)
    if (covered.some((folder) => isInside(path, folder))) kept.push({ from: path, at: path, mode: "ro" });
  for (const [at, from] of Object.entries(sandbox.readOnly ?? {})) kept.push({ from, at, mode: "ro" });
  for (const [at, from] of Object.entries(sandbox.writable)) kept.push({ from, at, mode: "rw" });
  const own = as === "root" ? [...Object.values(sandbox.writable), sandbox.tmp] : [];
  return [
    ...own.flatMap((folder) => ["own", jobUser(sandbox), folder]),
    ...kept.flatMap(({ from }, index) => ["keep", String(index), from]),
    ...[...hidden, ...stages].flatMap((folder) => ["hide", folder, ""]),
    ...kept.flatMap(({ at }, index) => ["show", String(index), at]),
    ...kept.flatMap(({ at, mode }) => (mode === "ro" ? ["seal", at, ""] : [])),
    ...hidden.flatMap((folder) => ["close", folder, ""]),
    ...(sandbox.network === false ? ["loopback", "", ""] : []),
    "--",
  ];
}

/** What is hidden: what was asked for, and the folders that the job's user could not pass on the way to what it must see. */
function hiddenFolders(sandbox: Sandbox, visible: readonly string[], as: "root" | "user"): string[] {
  const asked = sandbox.hidden.filter(existsSync).map((path) => realpathSync(path));
  const closed = as === "root" ? visible.flatMap((path) => firstClosed(path) ?? []) : [];
  // What lies in /tmp is out of sight already: the process has its own.
  const all = [...new Set([...asked, ...closed])].filter((folder) => folder !== "/" && !isInside(folder, "/tmp"));
  return all.filter((folder) => !all.some((other) => other !== folder && isInside(folder, other))).toSorted();
}

function firstClosed(path: string): string | undefined {
  const parents: string[] = [];
  for (let at = dirname(path); at !== "/"; at = dirname(at)) parents.unshift(at);
  return parents.find((folder) => (statSync(folder).mode & 0o001) === 0);
}

/** Folders in which a mount point has to be made: covered, with what was in them bound back. */
function hollowParents(places: readonly string[]): string[] {
  const parents = new Set<string>();
  for (const place of places) {
    if (existsSync(place)) continue;
    let parent = dirname(place);
    while (!existsSync(parent)) parent = dirname(parent);
    parents.add(parent);
  }
  return [...parents];
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
