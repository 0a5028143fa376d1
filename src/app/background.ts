import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CauceError, type Explanation, holdLock, homeUnwritable, isRecord, isRunning, markOf, parseJson } from "#core";
import type { Target } from "#aws";
import type { Config } from "./config.ts";
import { askConsole, healthOf } from "./console-client.ts";
import { readCredentials, readServerFile } from "./server-file.ts";

/** The embedded AWS as it runs now. */
export interface Embedded {
  readonly endpoint: string;
  readonly pid: number;
  readonly target: Target;
  /** What its start found unfinished, when the one before was killed. */
  readonly interrupted: readonly string[];
}

/** The server of this home, when it runs. */
export async function findServer(config: Config): Promise<Embedded | undefined> {
  const file = readServerFile(config.home);
  const health = file && (await healthOf({ ...config, endpoint: file.endpoint }));
  const credentials = readCredentials(config.home);
  if (!file || !health || !credentials) return undefined;
  const { account, region } = health;
  // Credentials and endpoint of our own making: nothing of the surroundings, and never AWS.
  const target: Target = { name: "embedded", endpoint: file.endpoint, region, account, credentials };
  return { endpoint: file.endpoint, pid: health.pid, target, interrupted: health.interrupted };
}

/** The process of a server that ended without stopping, and which none has followed: it was killed. Undefined also while it lives. */
export function killedServer({ home }: Config): number | undefined {
  const pid = readServerFile(home)?.pid;
  if (pid === undefined) return undefined;
  return isRunning(markOf(pid)) ? undefined : pid;
}

/** The server of this home; started in the background when none runs. `program` is what `node` runs for `cauce`. */
export async function requireServer(
  config: Config,
  program: string,
): Promise<Embedded & { readonly started: boolean }> {
  const running = (found: Embedded) => {
    requireSamePort(config, found);
    return { ...found, started: false };
  };
  const found = await findServer(config);
  if (found) return running(found);
  makeHome(config.home);
  // Two commands at once: one starts it, the other waits for that.
  using _starting = await holdLock(join(config.home, "starting.lock"));
  const meanwhile = await findServer(config);
  if (meanwhile) return running(meanwhile);
  await startInBackground(config, program);
  const started = await findServer(config);
  if (!started) throw new Error("The server started and was gone again.");
  return { ...started, started: true };
}

/** Stops the server; false when none ran. A port that was said must be its own: another one's server is another home's. */
export async function stopServer(config: Config, said: { readonly port?: string | undefined } = {}): Promise<boolean> {
  const found = await findServer(config);
  if (!found) return false;
  if (said.port !== undefined) requireSamePort(config, found);
  const server = markOf(found.pid);
  await askConsole({ ...config, endpoint: found.endpoint }, "POST", "shutdown");
  for (let waited = 0; waited < 15_000; waited += 50) {
    if (!isRunning(server)) return true;
    await sleep(50);
  }
  process.kill(found.pid, "SIGKILL");
  return true;
}

const PATIENCE = 20_000;

async function startInBackground(config: Config, program: string): Promise<void> {
  const logFile = join(config.home, "server.log");
  const log = openSync(logFile, "a", 0o600);
  const sizeBefore = readFileSync(logFile).length;
  const args = [program, "serve", "--port", String(config.port), "--background", "--json"];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: serverEnvironment(config),
  });
  closeSync(log);
  let ended: number | string | undefined;
  child.once("exit", (code, signal) => (ended = code ?? signal ?? "?"));
  child.once("error", (error) => (ended = error.message));
  for (let waited = 0; waited < PATIENCE; waited += 15) {
    if (ended !== undefined) throw endedAtOnce(logFile, sizeBefore);
    if (readServerFile(config.home)?.pid === child.pid && (await findServer(config))) {
      child.unref();
      return;
    }
    await sleep(15);
  }
  child.kill("SIGKILL");
  throw notStarted(`It did not answer within ${PATIENCE / 1000} s.`, logFile);
}

/** The folder of the state, made and found to take a file. */
export function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    closeSync(openSync(join(home, "server.log"), "a", 0o600));
  } catch (error) {
    throw homeUnwritable(home, error);
  }
}

/** The server needs little of the surroundings, and no AWS settings of the user's. */
function serverEnvironment(config: Config): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_") && !name.startsWith("CAUCE_"));
  return {
    ...Object.fromEntries(kept),
    AWS_REGION: config.region,
    CAUCE_ACCOUNT: config.account,
    CAUCE_HOME: config.home,
  };
}

function requireSamePort(config: Config, { endpoint }: Embedded): void {
  const port = new URL(endpoint).port;
  if (!config.portChosen || config.port === 0 || String(config.port) === port) return;
  throw new CauceError({
    code: "OtherPort",
    what: `The server of ${config.home} does not listen on port ${config.port}.`,
    why: `It runs already, on port ${port}.`,
    fix: "Leave --port and CAUCE_PORT away, or stop it first with `cauce down`.",
  });
}

function notStarted(why: string, logFile: string): CauceError {
  return new CauceError({
    code: "ServerNotStarted",
    what: "The embedded AWS could not be started.",
    why,
    fix: `Its log is ${logFile}. \`cauce serve\` runs it in the foreground.`,
  });
}

/** What the server said itself; otherwise its last lines. */
function endedAtOnce(logFile: string, from: number): CauceError {
  const lines = readFileSync(logFile).subarray(from).toString("utf8").trim().split("\n");
  const said = lines.map((line) => parseJson(line)).find((value) => isRecord(value) && isRecord(value["error"]));
  const error = isRecord(said) ? (said["error"] as unknown as Explanation) : undefined;
  if (error !== undefined && error.code !== "InternalError") return new CauceError(error);
  return notStarted(`It ended at once. ${lines.slice(-6).join("\n")}`, logFile);
}
