import { existsSync, readFileSync, realpathSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CauceError, holdLock, messageOf, sha256 } from "#core";
import type { Settings } from "#kernel";
import { buildEnvironment } from "./build.ts";
import { requireImage } from "./images.ts";
import { requirePython } from "./python.ts";

/** A Python environment that stands for an image. */
export interface Runtime {
  readonly name: string;
  readonly folder: string;
  readonly python: string;
  readonly algorithm: "xgboost" | "linear-learner";
  /** What a process must be able to read to run this Python. */
  readonly visible: readonly string[];
}

export interface RequireOptions {
  /** Each line of pip's, while the runtime is made. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The runtime of an image: the one made before, or, the first time, made now. Throws a `CauceError` when that cannot be. */
export async function requireRuntime(
  settings: Pick<Settings, "home" | "assets">,
  imageUri: string,
  options: RequireOptions = {},
): Promise<Runtime> {
  const { runtime, algorithm } = requireImage(imageUri);
  const requirements = join(settings.assets, "python", "runtimes", `${runtime}.txt`);
  const folder = await folderOf(settings, runtime, requirements);
  const ready = findReady(folder);
  if (ready === undefined) await madeOnce(folder, requirements, options);
  return describe(folder, runtime, algorithm);
}

/** Whether the runtime of an image is there already: the next job does not wait for pip. */
export async function hasRuntime(settings: Pick<Settings, "home" | "assets">, imageUri: string): Promise<boolean> {
  const { runtime } = requireImage(imageUri);
  // Who only looks makes nothing: the home may not be there yet, or not be ours to write to.
  if (!existsSync(join(settings.home, "runtimes"))) return false;
  return (
    findReady(await folderOf(settings, runtime, join(settings.assets, "python", "runtimes", `${runtime}.txt`))) !==
    undefined
  );
}

/** Another lock, another folder. The true path, since a link would lead nowhere in a namespace that hides the home. */
async function folderOf(settings: Pick<Settings, "home">, runtime: string, requirements: string): Promise<string> {
  const parent = join(settings.home, "runtimes");
  await mkdir(parent, { recursive: true });
  return join(await realpath(parent), `${runtime}-${sha256(await readFile(requirements)).slice(0, 12)}`);
}

interface Made {
  readonly python: string;
  readonly prefix: string;
}

/** Undefined also when the Python that it was made from was removed since. */
function findReady(folder: string): Made | undefined {
  try {
    const made = JSON.parse(readFileSync(join(folder, "runtime.json"), "utf8")) as Made;
    return existsSync(join(folder, "bin", "python3")) ? made : undefined;
  } catch {
    return undefined;
  }
}

const making = new Map<string, Promise<void>>();

/** Two jobs that need the same runtime wait for one pip. */
function madeOnce(folder: string, requirements: string, options: RequireOptions): Promise<void> {
  const running = making.get(folder);
  if (running) {
    options.onProgress?.("Another job is installing this runtime; waiting for it.");
    return running;
  }
  const promise = make(folder, requirements, options).finally(() => making.delete(folder));
  making.set(folder, promise);
  return promise;
}

async function make(folder: string, requirements: string, options: RequireOptions): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  using _lock = await holdLock(`${folder}.lock`, { signal: options.signal });
  if (findReady(folder)) return;
  await removeLeftovers(dirname(folder));
  const interpreter = await requirePython();
  const temporary = `${folder}.making`;
  try {
    await buildEnvironment({ folder: temporary, requirements, interpreter, ...options });
    await fixScripts(temporary, folder);
    await writeFile(
      join(temporary, "runtime.json"),
      JSON.stringify({ python: interpreter.version, prefix: interpreter.prefix }),
    );
    await chmod(temporary, 0o755);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    options.signal?.throwIfAborted();
    if (error instanceof CauceError) throw error;
    throw new CauceError(
      {
        code: "RuntimeNotMade",
        what: "The Python runtime could not be made.",
        why: messageOf(error),
        fix: `Check that there is room in ${dirname(folder)}, and run it again.`,
      },
      { cause: error },
    );
  }
}

/** What an interrupted run left, under the lock: nobody else is making anything of the same name. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(".making") && !existsSync(join(folder, name.replace(/making$/, "lock"))))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** pip writes the folder's name into the scripts that it installs; the folder is renamed afterwards. */
async function fixScripts(from: string, to: string): Promise<void> {
  const bin = join(from, "bin");
  for (const entry of await readdir(bin, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(bin, entry.name);
    const text = await readFile(path, "utf8");
    if (text.includes(from)) await writeFile(path, text.replaceAll(from, to));
  }
}

function describe(folder: string, name: string, algorithm: Runtime["algorithm"]): Runtime {
  const made = findReady(folder);
  const python = join(folder, "bin", "python3");
  // The interpreter is a link to the one that the environment was made from, and its standard library lies there.
  const visible = [folder, made?.prefix ?? "/usr", dirname(dirname(realpathSync(python)))];
  return { name, folder, python, algorithm, visible: [...new Set(visible)].filter((path) => path !== "/") };
}
