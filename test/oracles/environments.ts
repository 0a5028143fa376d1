import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const CACHE = resolve(import.meta.dirname, "../../node_modules/.cache/cauce/oracles");

/** Room for the first test that needs an oracle: it installs it, the others find it. */
export const INSTALLING = 900_000;

/** The Python of an environment of its own, with what `requirements/<name>.txt` lists; made by the first test that asks. */
export function oraclePython(name: "clouds" | "image" | "pipelines" | "sdk3"): Promise<string> {
  const requirements = join(import.meta.dirname, "requirements", `${name}.txt`);
  return installed(name, [requirements], "bin/python", async (folder) => {
    await run(findPython(), ["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const python = join(folder, "bin/python");
    // Exact lists, because sagemaker-containers asks for a Flask that the image does not have; it is published as source only.
    await run(python, [...pip, "setuptools==80.9.0", "wheel==0.45.1"]);
    await run(python, [...pip, "--no-build-isolation", "--no-deps", "-r", requirements], { maxBuffer: 1 << 26 });
    // AWS: the image has none, so that what needs it to be built needs an index.
    await run(python, ["-m", "pip", "uninstall", "--quiet", "--yes", "wheel"]);
  });
}

/** A copy of the folder `<name>` with what its package.json lists. */
export function oracleNode(name: "lambda" | "linux-arm64" | "linux-x64" | "nag" | "workflows"): Promise<string> {
  const from = join(import.meta.dirname, name);
  const files = readdirSync(from).map((file) => join(from, file));
  return installed(name, files, "", async (folder) => {
    for (const file of files) await copyFile(file, join(folder, basename(file)));
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
  });
}

/** Made once, by whoever comes first; the others wait for it. */
async function installed(
  name: string,
  madeOf: readonly string[],
  give: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [...madeOf, import.meta.filename]) hash.update(readFileSync(file));
  const folder = join(CACHE, `${name}-${hash.digest("hex").slice(0, 12)}`);
  const stamp = `${folder}.ready`;
  await mkdir(CACHE, { recursive: true });
  while (!existsSync(stamp)) {
    const lock = join(CACHE, `${name}.lock`);
    if (!claim(lock)) {
      await sleep(500);
      continue;
    }
    try {
      for (const old of await readdir(CACHE))
        if (old.startsWith(`${name}-`)) await rm(join(CACHE, old), { recursive: true, force: true });
      await mkdir(folder);
      await make(folder);
      writeFileSync(stamp, "");
    } finally {
      rmSync(lock, { force: true });
    }
  }
  return join(folder, give);
}

/** False while a process that lives holds it. */
function claim(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    try {
      process.kill(Number(readFileSync(lock, "utf8")), 0);
    } catch {
      rmSync(lock, { force: true });
    }
    return false;
  }
}

/** As the image has it: 3.12; what it runs is the same on the others. */
function findPython(): string {
  for (const name of ["python3.12", "python3.13", "python3.11", "python3"]) {
    try {
      execFileSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], { stdio: "ignore" });
      return name;
    } catch {
      // The next one.
    }
  }
  throw new Error("The oracles need Python 3.11 or later on PATH.");
}
