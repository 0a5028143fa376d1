import { join } from "node:path";
import type { Target } from "#aws";
import { requireServer } from "./background.ts";
import type { Config } from "./config.ts";

/** Where a project goes: the embedded AWS of this home, started when it does not run. */
export async function embeddedTarget(config: Config, program: string): Promise<Target> {
  const { target } = await requireServer(config, program);
  return { ...target, functionPlatform: `${process.platform}-${process.arch}` };
}

/** Where zips that take time to make are kept between runs. */
export function cacheFolder(config: Config): string {
  return join(config.home, "cache");
}
