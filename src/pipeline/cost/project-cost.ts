import type { Step } from "../definition.ts";
import { resolveWay, type ServingWay, typeToRegister } from "../serving-way.ts";
import { FUNCTIONS, type FunctionName } from "../names.ts";
import { type Bringable, type Contents, synth } from "../synth.ts";
import type { ResolvedProject } from "../validate.ts";
import { type Cost, type Costed, costOf } from "./cost.ts";

export const DEFAULT_REQUESTS = 100_000;

/** What the stack of a project would cost in a region: read from what would be sent. */
export function projectCost(
  project: ResolvedProject,
  { template, definition }: Pick<Bringable, "template" | "definition">,
  { region, requests = DEFAULT_REQUESTS }: { readonly region: string; readonly requests?: number | undefined },
): Cost {
  const memory = (id: string): number | undefined => {
    const size = template.Resources[id]?.Properties?.["MemorySize"];
    return typeof size === "number" ? size : undefined;
  };
  const extract = memory("ExtractFunction");
  return costOf({
    region,
    requests,
    way: project.deploy,
    jobs: definition.Steps.flatMap(jobOf),
    memory: {
      ...(extract !== undefined && { extract }),
      predict: memory("PredictFunction") ?? 0,
      deploy: memory("DeployFunction") ?? 0,
      batch: memory("BatchFunction") ?? 0,
    },
    transformType: typeToRegister(project.deploy),
    secret: project.data.secret !== undefined,
    others: otherWays(project),
  });
}

/** The same before anything was read or packed: costs do not depend on what files hold. */
export function foreseenCost(project: ResolvedProject, region: string): Cost {
  const nothing = "0".repeat(32);
  const contents: Contents = {
    source: { name: "table", sha256: nothing },
    code: nothing,
    ...(project.train.script !== undefined && { scripts: nothing }),
    functions: Object.fromEntries(FUNCTIONS.map((name) => [name, nothing])) as Record<FunctionName, string>,
  };
  return projectCost(project, synth(project, contents, { account: "000000000000", region }), { region });
}

function jobOf(step: Step): Costed["jobs"] {
  const { ProcessingResources: processing, ResourceConfig: training } = step.Arguments as {
    readonly ProcessingResources?: { readonly ClusterConfig: { readonly InstanceType: string } };
    readonly ResourceConfig?: { readonly InstanceType: string };
  };
  const name = step.Name.toLowerCase();
  if (step.Type === "Processing" && processing)
    return [{ name, kind: "processing", type: processing.ClusterConfig.InstanceType }];
  if (step.Type === "Training" && training) return [{ name, kind: "training", type: training.InstanceType }];
  return [];
}

/** A model of the project's own program cannot be inside a function. */
function otherWays({ deploy, train }: ResolvedProject): readonly ServingWay[] {
  if (deploy.on !== "endpoint") return [];
  const own = train.script !== undefined || train.image !== undefined;
  return [
    resolveWay({ on: "serverless" }, deploy.type),
    ...(own ? [] : [resolveWay({ on: "lambda" }, deploy.type)]),
    resolveWay(
      { ...(typeof deploy.instances === "number" && { instances: deploy.instances }), maxIdle: "1 hour" },
      deploy.type,
    ),
  ];
}
