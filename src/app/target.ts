import { join } from "node:path";
import type { Target } from "#aws";
import { requireServer } from "./background.ts";
import type { Config } from "./config.ts";

/**
 * Where a project goes: the embedded AWS of this home, started when it does not run. `onInterrupted` is told what that start found
 * unfinished.
 */
export async function embeddedTarget(
  config: Config,
  program: string,
  onInterrupted?: (sentence: string) => void,
): Promise<Target> {
  const { target, started, interrupted } = await requireServer(config, program);
  if (started) for (const sentence of interrupted) onInterrupted?.(sentence);
  return { ...target, functionPlatform: `${process.platform}-${process.arch}` };
}

/** Where zips that take time to make are kept between runs. */
export function cacheFolder(config: Config): string {
  return join(config.home, "cache");
}
