import { existsSync } from "node:fs";
import { mkdir, realpath, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CauceError } from "#core";
import { runProcess } from "#kernel";

/** The Python that runs functions: a virtual environment with boto3, made on first use. */
export interface PythonRuntime {
  readonly python: string;
  /** What must be readable to run it. */
  readonly folders: readonly string[];
}

/** AWS's runtimes carry boto3 too; its version there moves. */
const PACKAGES = ["boto3==1.44.5"];
const CANDIDATES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
const PROBE =
  "import sys, venv, ensurepip; print('found', sys.executable, sys.base_prefix, sys.version_info >= (3, 11), sep='\\t')";
/** What pip needs to know of the surroundings: where packages come from and how to get there. */
const PASSED = /^(PATH|HOME|LANG|TMPDIR|PYENV_.*|PIP_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|.*_proxy|.*_PROXY)$/;

export async function ensurePython(home: string): Promise<PythonRuntime> {
  const parent = join(home, "runtimes");
  await mkdir(parent, { recursive: true });
  // The true path, since a link would lead nowhere in a sandbox that hides the home.
  const folder = join(await realpath(parent), "lambda-python");
  const python = join(folder, "bin", "python");
  if (!existsSync(python)) await make(folder);
  const base = await probe(python);
  if (!base) throw broken(folder);
  return { python, folders: [folder, base.prefix] };
}

async function make(folder: string): Promise<void> {
  const base = await findPython();
  // Of this process: another server may share the folder and be making it too.
  const partial = `${folder}.${process.pid}.partial`;
  await rm(partial, { recursive: true, force: true });
  await run(base, ["-m", "venv", partial], "The virtual environment for Python functions could not be made.");
  await run(
    join(partial, "bin", "python"),
    ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", ...PACKAGES],
    `${PACKAGES.join(", ")} could not be installed for Python functions.`,
  );
  await rename(partial, folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    await rm(partial, { recursive: true, force: true });
  });
}

async function findPython(): Promise<string> {
  for (const candidate of CANDIDATES) {
    const found = await probe(candidate);
    if (found?.recent) return found.executable;
  }
  throw new CauceError({
    code: "PythonMissing",
    what: "Python functions cannot run.",
    why: "No Python 3.11 or newer was found on the PATH.",
    fix: "Install Python 3.11 or newer, with its venv module.",
  });
}

interface Probed {
  readonly executable: string;
  readonly prefix: string;
  readonly recent: boolean;
}

async function probe(command: string): Promise<Probed | undefined> {
  let told: string | undefined;
  const onLine = (_stream: string, line: string) => {
    if (line.startsWith("found\t")) told = line;
  };
  try {
    await runProcess({ command, args: ["-c", PROBE], env: surroundings(), onLine });
  } catch {
    return undefined;
  }
  const [, executable, prefix, recent] = told?.split("\t") ?? [];
  return executable && prefix ? { executable, prefix, recent: recent === "True" } : undefined;
}

async function run(command: string, args: readonly string[], what: string): Promise<void> {
  const lines: string[] = [];
  const end = await runProcess({
    command,
    args,
    env: surroundings(),
    onLine: (_stream, line) => void lines.push(line),
  });
  if ("exitCode" in end && end.exitCode === 0) return;
  const said = lines.filter((line) => line.trim() !== "").slice(-3);
  throw new CauceError({
    code: "PythonRuntimeFailed",
    what,
    why: `${command} said: ${said.join(" ")}`,
    fix: "Check the network and pip's settings, then invoke the function again.",
  });
}

function surroundings(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => PASSED.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}

function broken(folder: string): CauceError {
  return new CauceError({
    code: "PythonRuntimeBroken",
    what: "Python functions cannot run.",
    why: `The Python that ${folder} was made from is gone.`,
    fix: `Remove ${folder}; it is made again on the next use.`,
  });
}

export function pythonIsReady(home: string): boolean {
  return existsSync(join(home, "runtimes", "lambda-python", "bin", "python"));
}
