import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CauceError, closest } from "#core";
import type { ResolvedProject } from "./validate.ts";
import type { ZipEntry } from "./zip.ts";

/** What runs the project's scripts, unchanged, in script mode: it travels with them. */
export const RUNNER = "cauce_run_script.py";

/** AWS: the image installs the code with pip at every start; without a build backend of its own pip would fetch one from the index. */
const BUILD = ["_build.py", "pyproject.toml"];

const LARGEST = 100 * 2 ** 20;
const LEFT_OUT = new Set(["node_modules", "__pycache__", "venv", "env", "dist", "site-packages"]);

/** The code that goes with `train.script`: its folder, or of the project's own folder only Python files and requirements.txt. */
export async function scriptFiles(
  project: ResolvedProject,
  places: { readonly folder: string; readonly assets: string },
): Promise<readonly ZipEntry[]> {
  const { script } = project.train;
  if (script === undefined) return [];
  for (const [field, path] of [
    ["train.script", script],
    ["prepare.script", project.prepare.script],
  ] as const)
    if (path !== undefined) await assertFile(places.folder, field, path);
  const folder = resolve(places.folder, dirname(script));
  const whole = relative(places.folder, folder) !== "";
  const files = await filesBelow(folder, folder, (name) => whole || /\.py$|^requirements\.txt$/.test(name));
  await assertSize(files, dirname(script));
  const builds = files.some(({ name }) => name === "pyproject.toml" || name === "setup.py");
  const ours = [RUNNER, ...(builds ? [] : BUILD)];
  return [...files, ...ours.map((name) => ({ name, file: join(places.assets, "python/src/cauce_ml", name) }))].sort(
    (a, b) => (a.name < b.name ? -1 : 1),
  );
}

async function filesBelow(folder: string, root: string, takes: (name: string) => boolean): Promise<ZipEntry[]> {
  const found: ZipEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || LEFT_OUT.has(entry.name)) continue;
    const file = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(file, root, takes)));
    else if (entry.isFile() && takes(entry.name))
      found.push({ name: relative(root, file).replaceAll("\\", "/"), file });
  }
  return found;
}

async function assertSize(files: readonly ZipEntry[], folder: string): Promise<void> {
  let bytes = 0;
  for (const { file } of files) bytes += (await stat(file)).size;
  if (bytes <= LARGEST) return;
  throw new CauceError({
    code: "ScriptFolderTooLarge",
    what: `The code in ${folder} is too large.`,
    why: `All files beside \`train.script\` go with it, and they have ${Math.round(bytes / 2 ** 20)} MB; at most ${LARGEST / 2 ** 20} MB are taken.`,
    fix: "Put the script into a folder that holds code only.",
  });
}

async function assertFile(folder: string, field: string, path: string): Promise<void> {
  const file = resolve(folder, path);
  if ((await stat(file).catch(() => undefined))?.isFile()) {
    await readFile(file);
    return;
  }
  const beside = await readdir(dirname(file)).catch((): string[] => []);
  const meant = closest(basename(file), beside);
  throw new CauceError({
    code: "ScriptMissing",
    what: `${path} cannot be read.`,
    why: `\`${field}\` names it, and there is no such file.`,
    fix:
      meant === undefined
        ? "Give the path of a Python script, relative to the project's folder."
        : `Did you mean ${join(dirname(path), meant)}?`,
  });
}
