import type { Repository } from "./repository.ts";

/** What the two kinds of pipeline have in common: the commands that their jobs run. */
export interface CiPlan {
  readonly repository: Repository;
  readonly project: string;
  /** The project's table, as it says. */
  readonly source: string;
  /** Whether that is a database in a VPC. */
  readonly vpc: boolean;
  /** `owner/name`. */
  readonly name: string;
  readonly branch: string;
  /** A stack of its own. */
  readonly stage: string | undefined;
  readonly region: string | undefined;
  readonly node: string;
  /** Of Cauce, for a project without a package.json. */
  readonly version: string;
  /** The file that is made, relative to the repository. */
  readonly file: string;
}

/** Where a job leaves what it found, relative to the project's folder. */
export const RESULTS = "cauce.out/ci";

/** How a job calls Cauce: the version of the lock file, or the one that wrote the pipeline. */
export function cauceOf({ repository, version }: CiPlan): string {
  return repository.npm ? "npx cauce" : `npx --yes cauce@${version}`;
}

export function rehearsalCommands(plan: CiPlan): { check: string; rehearse: string; report: string } {
  const cauce = cauceOf(plan);
  return {
    check: `${cauce} plan --to embedded`,
    rehearse: `mkdir -p ${RESULTS}\n${cauce} up --to embedded --json > ${RESULTS}/up.jsonl`,
    report: `${cauce} ci report --to embedded`,
  };
}

export function deployCommands(plan: CiPlan): { plan: string; deploy: string; report: string } {
  const cauce = cauceOf(plan);
  const to = `--to aws${plan.stage === undefined ? "" : ` --stage ${plan.stage}`}`;
  return {
    plan: `${cauce} plan ${to}`,
    deploy: `mkdir -p ${RESULTS}\n${cauce} up ${to} --yes --json > ${RESULTS}/up.jsonl`,
    report: `${cauce} ci report ${to}`,
  };
}

/** The variable of the repository that holds the role's ARN. */
export function roleVariable({ stage }: Pick<CiPlan, "stage">): string {
  return stage === undefined ? "CAUCE_ROLE_ARN" : `CAUCE_ROLE_ARN_${stage.toUpperCase().replaceAll("-", "_")}`;
}

/** The role, and the stack that makes it. */
export function roleName({ project, stage }: Pick<CiPlan, "project" | "stage">): string {
  return `cauce-ci-${project}${stage === undefined ? "" : `-${stage}`}`;
}

/** The role's template, relative to the repository. */
export function roleFile(plan: Pick<CiPlan, "repository" | "stage">): string {
  return inProject(plan, plan.stage === undefined ? "cauce-ci-role.yml" : `cauce-ci-role-${plan.stage}.yml`);
}

/** A file of the project's folder, as the repository names it. */
export function inProject({ repository: { path } }: Pick<CiPlan, "repository">, file: string): string {
  return path === "." ? file : `${path}/${file}`;
}

/** Lines moved to the right, for a block of YAML; empty ones stay empty. */
export function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}
