import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CauceError } from "#core";
import type { LoadedProject } from "../load-project.ts";
import { githubWorkflow } from "./github.ts";
import { gitlabPipeline } from "./gitlab.ts";
import { type CiPlan, roleFile, roleName, roleVariable } from "./pipeline.ts";
import { readRepository, type Repository } from "./repository.ts";
import { roleTemplate } from "./role.ts";

export const SYSTEMS = ["github", "gitlab"] as const;
export type CiSystem = (typeof SYSTEMS)[number];

/** What a person says about the pipeline; the rest is read from git and from package.json. */
export interface CiWishes {
  readonly repository?: string | undefined;
  readonly branch?: string | undefined;
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly node?: string | undefined;
  /** Where the pipeline is written, relative to the repository. */
  readonly file?: string | undefined;
}

export interface CiFiles {
  readonly root: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** The stack that makes the role, and the variable that takes its output. */
  readonly role: { readonly template: string; readonly stack: string; readonly variable: string };
  /** Whom the role trusts: `owner/name` and a branch. */
  readonly trusts: { readonly repository: string; readonly branch: string };
  /** What `.gitlab-ci.yml` has to say, when the pipeline is not that file. */
  readonly include?: string;
}

/** The pipeline and the role's template, as text. */
export function makeCi(
  system: CiSystem,
  { project, folder }: LoadedProject,
  version: string,
  wishes: CiWishes,
): CiFiles {
  const repository = readRepository(folder);
  const name = checkedName(system, wishes.repository ?? repository.remote?.name);
  const plan = toPlan(
    system,
    {
      project: project.name,
      source: project.data.source,
      vpc: project.data.vpc !== undefined,
      repository,
      name,
      version,
    },
    wishes,
  );
  const template = roleFile(plan);
  const issuer = system === "github" ? GITHUB_ISSUER : gitlabHost(repository);
  return {
    root: repository.root,
    files: [
      { path: plan.file, text: system === "github" ? githubWorkflow(plan) : gitlabPipeline(plan) },
      { path: template, text: roleTemplate({ ...plan, system, issuer }) },
    ],
    role: { template, stack: roleName(plan), variable: roleVariable(plan) },
    trusts: { repository: name, branch: plan.branch },
    ...(system === "gitlab" && plan.file !== ".gitlab-ci.yml" && { include: `include:\n  - local: ${plan.file}` }),
  };
}

function toPlan(
  system: CiSystem,
  known: Pick<CiPlan, "project" | "source" | "vpc" | "repository" | "name" | "version">,
  { branch, stage, region, node = "22", file }: CiWishes,
): CiPlan {
  checked(known.repository.path, FOLDER, "The project's folder", "models/churn");
  return {
    ...known,
    branch: checked(branch ?? known.repository.branch, BRANCH, "--branch", "main"),
    stage: stage === undefined ? undefined : checked(stage, STAGE, "--stage", "staging"),
    region: region === undefined ? undefined : checked(region, REGION, "--region", "eu-west-1"),
    node: checked(node, NODE, "--node", "22"),
    file:
      file === undefined
        ? fileOf(system, known.repository.root, stage)
        : checked(file, FILE, "--file", ".github/workflows/churn.yml"),
  };
}

/** Writes them; a file that is there and says something else stays, unless forced. Gives those that changed. */
export function writeCi({ root, files }: CiFiles, force: boolean): string[] {
  const changed = files.filter(
    ({ path, text }) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text,
  );
  const taken = changed.find(({ path }) => existsSync(join(root, path)));
  if (taken && !force) throw fileExists(relative(process.cwd(), join(root, taken.path)), differing(root, taken));
  for (const { path, text } of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return changed.map(({ path }) => path);
}

/** A self-managed GitLab signs with its own keys. */
function gitlabHost({ remote }: Repository): string {
  return remote === undefined || remote.host === "github.com" ? "gitlab.com" : remote.host;
}

const GITHUB_ISSUER = "token.actions.githubusercontent.com";
/** Only what can stand in YAML, in a shell and in a policy without being quoted. */
const NAME: Readonly<Record<CiSystem, RegExp>> = {
  github: /^[\w.-]+(@\d+)?\/[\w.-]+(@\d+)?$/,
  gitlab: /^[\w.-]+(\/[\w.-]+)+$/,
};
const BRANCH = /^[\w][\w./-]*$/;
const STAGE = /^[a-z0-9]([a-z0-9]|-(?=[a-z0-9]))*$/;
const FOLDER = /^[\w. -]+(\/[\w. -]+)*$/;
const FILE = /^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*\.ya?ml$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const NODE = /^2[02468](\.\d+){0,2}$/;

/** Beside what is there: GitLab takes one file, so another one is included by it. */
function fileOf(system: CiSystem, root: string, stage: string | undefined): string {
  const name = `cauce${stage === undefined ? "" : `-${stage}`}.yml`;
  if (system === "github") return `.github/workflows/${name}`;
  const own =
    stage === undefined && (!existsSync(join(root, ".gitlab-ci.yml")) || isOurs(join(root, ".gitlab-ci.yml")));
  return own ? ".gitlab-ci.yml" : `.gitlab/${name}`;
}

function isOurs(file: string): boolean {
  return readFileSync(file, "utf8").startsWith("# Made by `cauce ci gitlab`");
}

/** The first lines in which a file differs from what would be written. */
function differing(root: string, { path, text }: { readonly path: string; readonly text: string }): string {
  const [old, next] = [readFileSync(join(root, path), "utf8").split("\n"), text.split("\n")];
  const from = next.findIndex((line, at) => line !== old[at]);
  const at = from === -1 ? next.length : from;
  return `It says something else from line ${at + 1} on:\n- ${old[at] ?? "(its end)"}\n+ ${next[at] ?? "(its end)"}`;
}

function checkedName(system: CiSystem, name: string | undefined): string {
  if (name === undefined) throw repositoryUnknown(system);
  if (!NAME[system].test(name)) throw repositoryUnusable(system, name);
  return name;
}

function checked(value: string, pattern: RegExp, flag: string, example: string): string {
  if (pattern.test(value)) return value;
  throw new CauceError({
    code: "CiSettingUnusable",
    what: `${flag} cannot be "${value}".`,
    why: "It is written into a pipeline and into a role's trust, where only plain names are safe.",
    fix: `Give one like ${flag} ${example}`,
  });
}

function repositoryUnknown(system: CiSystem): CauceError {
  return new CauceError({
    code: "RepositoryUnknown",
    what: "Cauce does not know which repository the role is to trust.",
    why: "git knows no remote `origin` here.",
    fix: `Name it: cauce ci ${system} --repository owner/name`,
  });
}

function repositoryUnusable(system: CiSystem, name: string): CauceError {
  return new CauceError({
    code: "RepositoryUnusable",
    what: `"${name}" is not a repository.`,
    why:
      system === "github"
        ? "On GitHub that is owner/name."
        : "On GitLab that is group/project, with groups between them.",
    fix: `cauce ci ${system} --repository ${system === "github" ? "owner/name" : "group/project"}`,
  });
}

function fileExists(shown: string, difference: string): CauceError {
  return new CauceError({
    code: "CiFileExists",
    what: `${shown} is there already, and is not overwritten.`,
    why: difference,
    fix: "--print shows what would be written, --force writes it, --file FILE writes the pipeline elsewhere.",
  });
}
