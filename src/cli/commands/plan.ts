import {
  cacheFolder,
  hasEc2,
  type LoadedProject,
  loadProject,
  plan as compare,
  type Plan,
  planHost,
  hostCost,
  type Total,
} from "#app";
import { CauceError } from "#core";
import { type Call, type Command, tabling, textFlag } from "../command.ts";
import { destinationOf, going, targetSaid } from "../destination.ts";
import { accountLines } from "../render/account.ts";
import { hostLines } from "../render/cost.ts";
import { table } from "../render/table.ts";
import { tableFlags } from "./up.ts";

export const plan: Command = {
  name: "plan",
  takes: "[table…|folder]",
  summary: "what `up` would change; nothing is changed",
  most: Infinity,
  options: {
    ...tabling,
    ...going,
    requests: {
      type: "string",
      value: "N",
      says: "with --to aws: requests a month that the cost is for; 100000",
      only: { to: ["aws"] },
    },
  },
  async run(call) {
    const { config, output, words } = call;
    const { project, folder } = await loadProject(config, words[0] ?? ".", tableFlags(call));
    const found: Foreseen = (await withoutHost(call, project)) ?? (await compared(call, { project, folder }));
    for (const line of linesOf(found)) output.say(line);
    if (found.account) for (const line of ["", ...accountLines(found.account)]) output.say(line);
    if (found.host) for (const line of ["", ...hostLines(found.host.region)]) output.say(line);
    output.data(found);
  },
};

async function compared(call: Call, { project, folder }: Pick<LoadedProject, "project" | "folder">): Promise<Plan> {
  const requests = requestsSaid(call);
  const { target, profile } = await destinationOf(call, project);
  const places = { folder, assets: call.config.assets, cache: cacheFolder(call.config) };
  return compare(target, project, { ...places, account: profile.name === "aws" ? { requests } : undefined });
}

/** With `--to ec2` and no instance yet, all is to be made, and there is no server to compare the project with. */
async function withoutHost(call: Call, project: LoadedProject["project"]): Promise<Foreseen | undefined> {
  if ((await targetSaid(call, project)) !== "ec2") return undefined;
  const { base } = await destinationOf(call, project, { baseOnly: true });
  if (!base || (await hasEc2(base))) return undefined;
  const warnings = ["There is no instance yet: `up` makes it, and then everything of the project on it."];
  const { region } = base;
  return { resources: planHost(), steps: [], deploys: true, warnings, host: { region, cost: hostCost({ region }) } };
}

/** With an instance that is still to be made: what it will cost. */
interface Foreseen extends Plan {
  readonly host?: { readonly region: string; readonly cost: Total };
}

function requestsSaid(call: Call): number | undefined {
  const said = textFlag(call, "requests");
  if (said === undefined) return undefined;
  if (/^\d{1,12}$/.test(said)) return Number(said);
  throw new CauceError({
    code: "BadRequests",
    what: `--requests ${said} is no number of requests.`,
    why: "It is how many requests a month the cost is for.",
    fix: "Give a whole number, e.g. --requests 100000.",
  });
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
  lines.push(deploys ? "What serves is made or changed." : "What serves stays as it is.");
  return lines;
}
