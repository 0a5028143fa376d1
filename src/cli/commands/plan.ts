import { cacheFolder, loadProject, plan as compare, type Plan } from "#app";
import { type Command, tabling } from "../command.ts";
import { destinationOf, going } from "../destination.ts";
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
    const { target } = await destinationOf(call, project);
    const found = await compare(target, project, { folder, assets: config.assets, cache: cacheFolder(config) });
    for (const line of linesOf(found)) output.say(line);
    output.data(found);
  },
};

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
