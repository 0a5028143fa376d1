import type { Clients, Target } from "#aws";
import { deployStatements, type Granted } from "./bootstrap/index.ts";
import { type Cost, projectCost } from "./cost/index.ts";
import type { Place } from "./names.ts";
import { askQuotas, type Quotas } from "./plan-quotas.ts";
import { type Limits, limitsOf } from "./plan-limits.ts";
import type { Bringable } from "./synth.ts";
import type { ResolvedProject } from "./validate.ts";

/** What a project means for an account of AWS, beside what is made there. */
export interface AccountPlan {
  readonly cost: Cost;
  /** What whoever deploys must be allowed: the policy of `cauce bootstrap aws`. */
  readonly permissions: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[];
  readonly quotas: Quotas;
  readonly limits: Limits;
}

export interface AccountOptions {
  /** A month. */
  readonly requests?: number | undefined;
}

/** Costs and limits are known; only the quotas are asked for. */
export async function planAccount(
  target: Target,
  aws: Clients,
  project: ResolvedProject,
  { made, place, requests }: AccountOptions & { readonly made: Bringable; readonly place: Place },
): Promise<AccountPlan> {
  return {
    cost: projectCost(project, made, { region: place.region, requests }),
    permissions: deployStatements({
      place,
      project: project.name,
      source: project.data.source,
      vpc: project.data.vpc !== undefined,
    }).map(toPermission),
    quotas: await askQuotas(target, aws, { way: project.deploy, type: project.train.type }),
    limits: limitsOf(project, made, place.region),
  };
}

function toPermission({ actions, besides = [], resources }: Granted): AccountPlan["permissions"][number] {
  return { actions: [...actions, ...besides], resources };
}
