import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CauceError } from "#core";
import { type ProcessEnd, runProcess } from "#kernel";
import { installerEnvironment } from "./host.ts";
import type { Interpreter } from "./python.ts";

export interface Build {
  readonly folder: string;
  readonly requirements: string;
  readonly interpreter: Interpreter;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Makes a virtual environment with exactly what the file says, by uv where it is installed, else by pip. */
export async function buildEnvironment(build: Build): Promise<void> {
  await rm(build.folder, { recursive: true, force: true });
  build.onProgress?.(
    `Installing ${build.requirements
      .split("/")
      .at(-1)
      ?.replace(/\.txt$/, "")} with Python ${build.interpreter.version} (once)`,
  );
  if (!(await installWithUv(build))) await installWithPip(build);
  // A job cannot write into the environment, so what Python would compile at the first import is compiled now.
  await step(build, join(build.folder, "bin", "python3"), [
    "-m",
    "compileall",
    "-q",
    "-j",
    "0",
    "-x",
    "/tests?/",
    join(build.folder, "lib"),
  ]);
  build.onProgress?.("Installed");
}

async function installWithUv(build: Build): Promise<boolean> {
  const python = join(build.folder, "bin", "python3");
  const made = await attempt(build, "uv", ["venv", "-q", "--python", build.interpreter.executable, build.folder]);
  if (!made.ok) return false;
  const installed = await attempt(build, "uv", [
    "pip",
    "install",
    "--python",
    python,
    "--no-deps",
    "--only-binary",
    ":all:",
    "-r",
    build.requirements,
  ]);
  // uv does not read pip's settings (an index of one's own): pip may still succeed.
  if (!installed.ok) await rm(build.folder, { recursive: true, force: true });
  return installed.ok;
}

async function installWithPip(build: Build): Promise<void> {
  const { interpreter, folder } = build;
  const python = join(folder, "bin", "python3");
  // pip of the machine installs into the environment: that saves installing pip twice.
  const outside = interpreter.pip >= 22.3;
  await step(build, interpreter.executable, ["-m", "venv", ...(outside ? ["--without-pip"] : []), folder]);
  const pip = outside ? [interpreter.executable, "-m", "pip", "--python", python] : [python, "-m", "pip"];
  const [command = "", ...args] = [
    ...pip,
    "install",
    "--no-deps",
    "--no-compile",
    "--only-binary",
    ":all:",
    "--progress-bar",
    "off",
    "--no-input",
    "-r",
    build.requirements,
  ];
  await step(build, command, args);
}

async function step(build: Build, command: string, args: readonly string[]): Promise<void> {
  const { ok, said } = await attempt(build, command, args);
  if (ok) return;
  const text = said.join("\n");
  const offline = OFFLINE.test(text);
  throw new CauceError({
    code: offline ? "NoNetwork" : "RuntimeNotMade",
    what: "The Python runtime could not be made.",
    why: offline
      ? "The package index could not be reached."
      : `${[command.split("/").at(-1), ...args.slice(0, 3)].join(" ")} … failed: ${lastErrors(said)}`,
    fix: offline
      ? "Connect to the network for the first run (later runs are offline), or point pip to an index of your own (PIP_INDEX_URL)."
      : "Run it again; if it fails the same way, check pip's settings and the room on the disk.",
  });
}

/** What pip says when it does not reach its index. */
export const OFFLINE =
  /NewConnectionError|Could not connect|Temporary failure in name resolution|Network is unreachable|ConnectTimeout|Max retries exceeded|ProxyError|\(from versions: none\)/i;

function lastErrors(said: readonly string[]): string {
  const errors = said.filter((line) => /^ERROR|error:/i.test(line));
  return (errors.length > 0 ? errors : said).slice(-3).join(" ") || "it said nothing";
}

async function attempt(
  build: Build,
  command: string,
  args: readonly string[],
): Promise<{ ok: boolean; said: string[] }> {
  const said: string[] = [];
  // Whatever the user's mask is, a job (another user) must be able to read what is installed.
  const end = await runProcess({
    command: "/bin/sh",
    args: ["-c", 'umask 022; exec "$@"', "sh", command, ...args],
    env: installerEnvironment(),
    onLine(stream, line) {
      said.push(line);
      if (said.length > 200) said.shift();
      if (stream === "stdout" && line.trim() !== "") build.onProgress?.(line);
    },
    ...(build.signal && { signal: build.signal }),
  }).catch((error: unknown): ProcessEnd => {
    said.push(String(error));
    return { exitCode: 127 };
  });
  build.signal?.throwIfAborted();
  return { ok: "exitCode" in end && end.exitCode === 0, said };
}
