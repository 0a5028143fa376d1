import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

/** One folder of Python runtimes for all tests of this checkout: pip runs in the first test that needs it, and never again. */
const SHARED_RUNTIMES = resolve(import.meta.dirname, "../../node_modules/.cache/cauce/runtimes");

/** Lets a home use it. To be called before the server of that home starts. */
export async function shareRuntimes(home: string): Promise<void> {
  await mkdir(SHARED_RUNTIMES, { recursive: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  await symlink(SHARED_RUNTIMES, join(home, "runtimes")).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
