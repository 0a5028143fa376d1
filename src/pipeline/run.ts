import type { Target } from "#aws";
import type { Summary } from "./summary.ts";
import { up, type UpOptions } from "./up.ts";
import type { ResolvedProject } from "./validate.ts";

/** The pipeline once more, whether or not anything has changed; steps whose inputs are the same are not repeated. */
export function run(target: Target, project: ResolvedProject, options: UpOptions): Promise<Summary> {
  return up(target, project, { ...options, force: true });
}
