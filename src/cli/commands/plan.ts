import { cacheFolder, hasEc2, type LoadedProject, loadProject, plan as compare, type Plan, planHost } from "#app";
import { type Call, type Command, tabling } from "../command.ts";
import { destinationOf, going, targetSaid } from "../destination.ts";
import { table } from "../render/table.ts";
import { tableFlags } from "./up.ts";

export const plan: Command = {
  name: "plan",
  takes: "[table|folder]",
  summary: "what `up` would change; nothing is changed",
  most: 1,
  options: { ...tabling, ...going },
  async run(call) {
    const { config, output, words } = call;
    const { project, folder } = await loadProject(config, words[0] ?? ".", tableFlags(call));
    const found = (await withoutHost(call, project)) ?? (await compared(call, { project, folder }));
    for (const line of linesOf(found)) output.say(line);
    output.data(found);
  },
};

async function compared(call: Call, { project, folder }: Pick<LoadedProject, "project" | "folder">): Promise<Plan> {
  const { target } = await destinationOf(call, project);
  return compare(target, project, { folder, assets: call.config.assets, cache: cacheFolder(call.config) });
}

/** With `--to ec2` and no instance yet, all is to be made, and there is no server to compare the project with. */
async function withoutHost(call: Call, project: LoadedProject["project"]): Promise<Plan | undefined> {
  if ((await targetSaid(call, project)) !== "ec2") return undefined;
  const { base } = await destinationOf(call, project, { baseOnly: true });
  if (!base || (await hasEc2(base))) return undefined;
  const warnings = ["There is no instance yet: `up` makes it, and then everything of the project on it."];
  return { resources: planHost(), steps: [], deploys: true, warnings };
}

const SIGNS = { create: "+", change: "~", remove: "-" } as const;

function linesOf({ resources, steps, deploys, warnings }: Plan): string[] {
  const lines = warnings.map((warning) => `! ${warning}`);
  if (resources.length === 0 && steps.length === 0 && !deploys) return [...lines, "Nothing would change."];
  if (resources.length > 0) {
    lines.push("Resources", ...table(resources.map(({ id, type, action }) => [`  ${SIGNS[action]} ${id}`, type])), "");
  }
  if (steps.length > 0)
    lines.push("Steps that run", ...table(steps.map(({ name, because }) => [`  ${name}`, because])), "");
  lines.push(deploys ? "The endpoint is made or changed." : "The endpoint stays as it is.");
  return lines;
}
