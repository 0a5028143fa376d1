import { accountOf, type Clients, type Target } from "#aws";
import { CauceError } from "#core";
import { gatherModel, type GivenModel } from "./deploy-model-files.ts";
import { synthModel } from "./deploy-model-synth.ts";
import { namesOf } from "./names.ts";
import { findStack, outputOf } from "./stack.ts";
import type { Summary } from "./summary.ts";
import { bring, type UpOptions } from "./up.ts";
import { resolveProject } from "./validate.ts";

/** From a model's file to a URL, by the same way as a project: a stack, a run of its pipeline, a version, its approval. */
export function deployModel(
  target: Target,
  given: GivenModel,
  options: Omit<UpOptions, "folder" | "force">,
): Promise<Summary> {
  const project = resolveProject(
    {
      name: given.name,
      data: { source: "rows.csv", target: given.target ?? "prediction" },
      deploy: { on: given.on ?? "endpoint" },
    },
    "The command line",
  );
  return bring(target, project, options, async (aws) => {
    const place = { account: await accountOf(target, aws), region: target.region };
    await refuseOthers(aws, namesOf(given.name, place).stack);
    const files = await gatherModel(given, { ...options, platform: target.functionPlatform ?? "linux-x64" });
    const { synth, objects } = synthModel(project, given, files, place);
    return { synth, objects, place };
  });
}

/** A project that trains keeps its pipeline: a model must not come in its place by a name that was typed. */
async function refuseOthers(aws: Clients, name: string): Promise<void> {
  const stack = await findStack(aws, name);
  if (outputOf(stack, "PipelineName") === undefined || outputOf(stack, "GivenModel") !== undefined) return;
  throw new CauceError({
    code: "NameTaken",
    what: `There is a project ${name} that trains its own model.`,
    why: "Deploying another model there would take its pipeline away.",
    fix: `Choose another --name, or remove it first: cauce destroy --name ${name}`,
  });
}
