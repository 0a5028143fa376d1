import { CauceError } from "#core";
import type { Target } from "#aws";
import { listProjects, stagedName } from "#pipeline";
import type { Config } from "./config.ts";
import { hasProject, loadProject } from "./load-project.ts";

/** The name of the project that is meant: as said, the one of this folder, or the only one that there is. */
export async function whichProject(
  config: Config,
  target: Target,
  { name, stage }: { readonly name?: string | undefined; readonly stage?: string | undefined },
): Promise<string> {
  if (name !== undefined) return stagedName(name, stage);
  if (hasProject(".")) return (await loadProject(config, ".", { stage })).project.name;
  const found = await projectsThere(target, stage);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw found.length === 0 ? nothingUp(stage) : ambiguous(found);
}

/** All that are up there, or those of a stage. */
export async function projectsThere(target: Target, stage: string | undefined): Promise<readonly string[]> {
  const found = await listProjects(target);
  return stage === undefined ? found : found.filter((name) => name.endsWith(stagedName("", stage)));
}

function nothingUp(stage: string | undefined): CauceError {
  return new CauceError({
    code: "NoProject",
    what: stage === undefined ? "There is no project yet." : `There is no project of stage ${stage} yet.`,
    why: "Nothing was brought up on this target, and this folder has no cauce.config.ts.",
    fix: "Bring one up: cauce up table.csv --predict COLUMN",
  });
}

function ambiguous(found: readonly string[]): CauceError {
  return new CauceError({
    code: "WhichProject",
    what: "Which project?",
    why: `There are ${found.join(", ")}.`,
    fix: `Say which with --name, e.g. --name ${found[0]}, or stand in its folder.`,
  });
}
