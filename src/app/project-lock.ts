import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { holdLock } from "#core";
import { makeHome } from "./background.ts";
import type { Config } from "./config.ts";

/** One command at a time changes a project; another one waits for it, and says so. */
export async function holdProject(
  config: Config,
  project: string,
  options: { readonly signal: AbortSignal; readonly onWait: (message: string) => void },
): Promise<Disposable> {
  makeHome(config.home);
  const folder = join(config.home, "projects");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return holdLock(join(folder, `${project}.lock`), {
    signal: options.signal,
    onWait: (pid) =>
      options.onWait(
        `Another command is at work on ${project}${pid === undefined ? "" : ` (process ${pid})`}; this one waits for it.`,
      ),
  });
}
