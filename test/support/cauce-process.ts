import { execFile, type ExecFileException, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "dist/cli.js");
/** One set of Python environments for all tests of this checkout: pip runs in the first one only. */
const RUNTIMES = join(ROOT, "node_modules/.cache/cauce/runtimes");

export interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as `--json` promises it: one object a line. */
  readonly lines: readonly Record<string, unknown>[];
}

export interface CauceHome {
  readonly home: string;
  /** A folder for projects and tables of this test; it goes when the home goes. */
  readonly work: string;
  /** Runs `cauce …` as a user does, in `work`, with nothing of this process's AWS settings. */
  cauce(args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }): Promise<Ran>;
  /** Where the server answers, as it wrote down itself. */
  endpoint(): string;
  /** What `cauce env` prints, as variables. */
  awsVariables(): Promise<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A home of its own with the built command line; the server that a command started there is stopped at the end. */
export async function openHome(): Promise<CauceHome> {
  if (!existsSync(PROGRAM)) throw new Error("dist/cli.js is not there: run `npm run build` first (`npm test` does).");
  const base = await mkdtemp(join(tmpdir(), "cauce-journey-"));
  const [home, work] = [join(base, "home"), join(base, "work")];
  await mkdir(RUNTIMES, { recursive: true });
  // With a space, and behind a link: as homes are.
  await mkdir(join(base, "real home"), { mode: 0o700 });
  await symlink(join(base, "real home"), home);
  await mkdir(work);
  await symlink(RUNTIMES, join(home, "runtimes"));
  const cauce: CauceHome["cauce"] = (args, { cwd = work, env = {} } = {}) =>
    runNode([PROGRAM, ...args], cwd, { ...surroundings(), CAUCE_HOME: home, CAUCE_PORT: "0", ...env });
  return {
    home,
    work,
    cauce,
    endpoint: () => (JSON.parse(readFileSync(join(home, "server.json"), "utf8")) as { endpoint: string }).endpoint,
    async awsVariables() {
      const { stdout } = await cauce(["env"]);
      return Object.fromEntries(
        [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
      );
    },
    async [Symbol.asyncDispose]() {
      await cauce(["down"]);
      await rm(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A home whose server runs already, in the background as `up` starts it. */
export async function startServerProcess(): Promise<CauceHome> {
  const opened = await openHome();
  const log = await spawnServer(opened.home);
  if (log !== undefined) throw new Error(`The server did not start:\n${log}`);
  return opened;
}

/** Copies an example of the repository, so that its files can be changed. */
export async function copyExample(name: string, to: string): Promise<string> {
  await cp(join(ROOT, "examples", name), to, { recursive: true });
  return to;
}

/** The Python of the tests, with boto3 and cfn-lint; `npm test` makes it. */
export function testPython(): string {
  const python = process.env["CAUCE_TEST_PYTHON"];
  if (!python) throw new Error("CAUCE_TEST_PYTHON is not set: run the tests with `npm test`.");
  return python;
}

/** Runs Python with these variables and the least of the surroundings: nothing tells it about Cauce. */
export function runPython(args: readonly string[], env: Record<string, string>): Promise<Ran> {
  return run(testPython(), args, tmpdir(), { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), ...env });
}

function runNode(args: readonly string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  return run(process.execPath, args, cwd, env);
}

function run(command: string, args: readonly string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  return new Promise((done) => {
    execFile(command, args, { cwd, env, maxBuffer: 1 << 26 }, (error: ExecFileException | null, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? error.signal ?? "?");
      done({ code, stdout, stderr, lines: toLines(stdout) });
    });
  });
}

function toLines(stdout: string): Record<string, unknown>[] {
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  try {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  } catch {
    return [];
  }
}

/** Undefined when it answers; otherwise what it said. */
async function spawnServer(home: string): Promise<string | undefined> {
  const env = { ...surroundings(), CAUCE_HOME: home };
  const child = spawn(process.execPath, [PROGRAM, "serve", "--port", "0", "--json"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((done) => {
    child.stdout.once("data", () => done(undefined));
    child.once("exit", () => done(said));
  });
}

function surroundings(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(AWS_|CAUCE_|VITEST|NODE_OPTIONS)/.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
