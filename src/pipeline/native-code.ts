import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CauceError } from "#core";
import type { ZipEntry } from "./zip.ts";

const PACKAGE = "@duckdb/node-bindings";
const run = promisify(execFile);

/** DuckDB's native code for a platform such as `linux-x64`: what is installed here, or what npm has for that platform. */
export async function nativeDuckdb(
  platform: string,
  cache: string,
): Promise<{ readonly files: readonly ZipEntry[]; readonly version: string }> {
  const folder = installedHere(platform) ?? (await fetched(platform, cache));
  const names = (await readdir(folder)).filter((file) => /\.(node|so|dylib|dll)$/.test(file));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
  return {
    files: names.map((file) => ({ name: file, file: join(folder, file) })),
    version: `${PACKAGE}-${platform}@${version}`,
  };
}

const require = createRequire(import.meta.url);

function installedHere(platform: string): string | undefined {
  try {
    return dirname(require.resolve(`${PACKAGE}-${platform}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * npm checks what it fetches, and chooses among the optional packages of `node-bindings` for the machine that it is told of; asked for
 * that package by name it would refuse it, as not fit for this machine.
 */
async function fetched(platform: string, cache: string): Promise<string> {
  const name = `${PACKAGE}-${platform}`;
  const { version } = require(`${PACKAGE}/package.json`) as { version: string };
  const kept = join(cache, `native-${platform}-${version}`);
  if (await isThere(kept)) return kept;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "fetching-"));
  try {
    const [os = "", cpu = ""] = platform.split("-");
    const machine = [`--os=${os}`, `--cpu=${cpu}`, ...(os === "linux" ? ["--libc=glibc"] : [])];
    const quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
    await run("npm", ["install", "--prefix", folder, ...machine, ...quiet, `${PACKAGE}@${version}`], {
      // npm is a script there.
      shell: process.platform === "win32",
    });
    await cp(join(folder, "node_modules", name), join(folder, "made"), { recursive: true });
    // Another process may have been quicker: what it has made is the same.
    await rename(join(folder, "made"), kept).catch(async (error: unknown) => {
      if (!(await isThere(kept))) throw error;
    });
    return kept;
  } catch (cause) {
    throw missing(name, platform, cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isThere(folder: string): Promise<boolean> {
  return (await readdir(folder).catch((): string[] => [])).includes("package.json");
}

function missing(name: string, platform: string, cause: unknown): CauceError {
  const said = (cause as { stderr?: string }).stderr?.match(/npm (?:error|ERR!) (?!code|errno)(.*)/)?.[1];
  return new CauceError(
    {
      code: "NativeCodeMissing",
      what: "The function extract cannot be packed.",
      why: `It will run on ${platform}, ${name} is not installed here, and npm did not get it${said === undefined ? "" : `: ${said}`}.`,
      fix: "Try again with a connection to the package registry that npm is set up for.",
    },
    { cause },
  );
}
