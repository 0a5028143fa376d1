import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { CauceError, holdLock, sha256 } from "#core";
import { type ProcessEnd, runProcess, type Settings } from "#kernel";
import { OFFLINE } from "./build.ts";
import { toProcess } from "./container-process.ts";
import type { RequireOptions, Runtime } from "./runtime.ts";

export interface PackagesOptions extends RequireOptions {
  /** False for a container without network: then only what is there already is used. */
  readonly network: boolean;
}

/**
 * The folder with what a program's own requirements.txt names, made once for each runtime and file: a container that starts again needs
 * no network. Undefined when there is no such file, or when it names files beside it: those the container installs itself.
 */
export async function requirePackages(
  settings: Settings,
  runtime: Runtime,
  code: string,
  options: PackagesOptions,
): Promise<string | undefined> {
  const requirements = join(code, "requirements.txt");
  const text = await readFile(requirements, "utf8").catch(() => undefined);
  if (text === undefined || namesFiles(text)) return undefined;
  const folder = await folderOf(settings, runtime, text);
  if (existsSync(folder)) return folder;
  // AWS: without network pip fails in the container, and says so in its log.
  if (!options.network) return undefined;
  await make(settings, runtime, { folder, requirements }, options);
  return folder;
}

/** Those that are there already, by the SHA-256 of their requirements.txt: for a program that unpacks its code itself. */
export async function listPackages({ home }: Settings, runtime: Runtime): Promise<Readonly<Record<string, string>>> {
  const parent = await realpath(join(home, "runtimes"));
  const prefix = prefixOf(runtime);
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix) && !name.includes("."));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), join(parent, name)]));
}

/** Another runtime or another file, another folder. Beside the runtimes: its leftovers are swept with theirs. */
async function folderOf({ home }: Settings, runtime: Runtime, text: string): Promise<string> {
  return join(await realpath(join(home, "runtimes")), `${prefixOf(runtime)}${sha256(text)}`);
}

function prefixOf(runtime: Runtime): string {
  return `packages-${sha256(basename(runtime.folder)).slice(0, 12)}-`;
}

/** Paths are relative to where the program lies: they stand for different things in different archives. */
function namesFiles(text: string): boolean {
  const lines = text.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  return lines.some(
    (line) =>
      /^(-r|-c|-e|-f|--requirement|--constraint|--editable|--find-links)\b/.test(line) ||
      /(^|\s)file:/.test(line) ||
      (/^[.~/]|\.(whl|zip|tar\.gz)$/.test(line) && !line.includes("://")),
  );
}

async function make(
  settings: Settings,
  runtime: Runtime,
  { folder, requirements }: { readonly folder: string; readonly requirements: string },
  options: PackagesOptions,
): Promise<void> {
  using _lock = await holdLock(`${folder}.lock`, {
    signal: options.signal,
    onWait: () => options.onProgress?.("Another job is installing these packages; waiting for it."),
  });
  if (existsSync(folder)) return;
  const temporary = `${folder}.making`;
  try {
    await rm(temporary, { recursive: true, force: true });
    const [ml, tmp] = [join(temporary, "ml"), join(temporary, "tmp")];
    await mkdir(ml, { recursive: true });
    await mkdir(tmp);
    await chmod(tmp, 0o777);
    await copyFile(requirements, join(ml, "requirements.txt"));
    await install(settings, runtime, { ml, tmp }, options);
    await rename(join(ml, "packages"), folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** In a sandbox as the program itself: what pip runs of a package that it has to build is as foreign as that. */
async function install(
  settings: Settings,
  runtime: Runtime,
  at: { readonly ml: string; readonly tmp: string },
  { onProgress, signal }: PackagesOptions,
): Promise<void> {
  const process = await toProcess(settings, {
    runtime,
    program: "packages",
    ...at,
    environment: {},
    id: at.ml,
    network: true,
  });
  const said: string[] = [];
  const end = await runProcess({
    ...process,
    onLine(_stream, line) {
      said.push(line);
      if (said.length > 200) said.shift();
      if (line.trim() !== "") onProgress?.(line);
    },
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  if (!("exitCode" in end) || end.exitCode !== 0) throw notInstalled(said, end);
}

function notInstalled(said: readonly string[], end: ProcessEnd): CauceError {
  const errors = said.filter((line) => line.startsWith("ERROR"));
  const offline = OFFLINE.test(said.join("\n"));
  const last = (errors.length > 0 ? errors : said.filter((line) => line.trim() !== "")).slice(-2).join(" ");
  return new CauceError({
    code: "RequirementsNotInstalled",
    what: "AlgorithmError: InstallRequirementsError: requirements.txt could not be installed.",
    why:
      last.replace(/[^.!]$/, "$&.") ||
      `pip ended with ${"exitCode" in end ? end.exitCode : end.signal} and said nothing.`,
    fix: offline
      ? "Check the names and versions in it, and that the package index can be reached: it is needed once, later starts are offline."
      : "Correct it: pip's lines are in the log.",
  });
}
