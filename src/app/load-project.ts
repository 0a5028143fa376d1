import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CauceError, messageOf } from "#core";
import { projectNameFrom, stagedName, type Project, type ResolvedProject, resolveProject } from "#pipeline";
import type { Config } from "./config.ts";

/** A project and the folder that its paths are relative to. */
export interface LoadedProject {
  readonly project: ResolvedProject;
  readonly folder: string;
  /** The project file, or undefined when a table was given. */
  readonly file?: string;
}

/** What the command line can say about a project that has no file. */
export interface TableFlags {
  readonly predict?: string | undefined;
  readonly task?: string | undefined;
  readonly name?: string | undefined;
  readonly sheet?: string | undefined;
  readonly table?: string | undefined;
  readonly query?: string | undefined;
  readonly header?: boolean | undefined;
  /** Files that are read together with the first. */
  readonly more?: readonly string[] | undefined;
  /** A stack of its own for each. */
  readonly stage?: string | undefined;
}

const FILES = ["cauce.config.ts", "cauce.config.mts", "cauce.config.js", "cauce.config.mjs"];

/** Whether a folder holds a project file. */
export function hasProject(folder: string): boolean {
  return FILES.some((name) => existsSync(join(folder, name)));
}

/** A table's path with `--predict`, a project's folder, or its file. */
export async function loadProject(config: Config, path: string, flags: TableFlags): Promise<LoadedProject> {
  const more = flags.more ?? [];
  if (isUrl(path)) return more.length === 0 ? fromUrl(path, flags) : filesOnly(path);
  const full = resolve(path);
  if (!existsSync(full)) throw missing(path);
  const folder = statSync(full).isDirectory();
  const file = folder ? FILES.map((name) => join(full, name)).find(existsSync) : full;
  if (more.length > 0 && (folder || isCode(full))) return filesOnly(path);
  // A folder without a project, and a column to predict: its files are one table.
  if (!file && flags.predict !== undefined) return fromTable(full, flags);
  if (!file) throw noProjectIn(path);
  return isCode(file) ? fromFile(config, file, flags) : fromTable(file, flags);
}

async function fromFile(config: Config, file: string, flags: TableFlags): Promise<LoadedProject> {
  const shown = relative(process.cwd(), file) || basename(file);
  const value = await evaluate(config, file, shown);
  const given = { ...(value as Project), ...(flags.name !== undefined && { name: flags.name }) };
  return { project: resolveProject(applyFlags(given, flags), shown), folder: dirname(file), file };
}

function fromTable(file: string, flags: TableFlags): LoadedProject {
  const shown = relative(process.cwd(), file) || basename(file);
  if (flags.predict === undefined) throw nothingToPredict(shown);
  const name = flags.name ?? projectNameFrom(basename(file));
  const more = (flags.more ?? []).map((one) => (isUrl(one) ? one : relative(dirname(file), resolve(one))));
  const data = { source: basename(file), ...(more.length > 0 && { more }), target: flags.predict };
  const project = applyFlags({ name, data }, flags);
  return { project: resolveProject(project, "The command line"), folder: dirname(file) };
}

function isCode(file: string): boolean {
  return /\.(m|c)?[jt]s$/.test(file);
}

function filesOnly(path: string): never {
  throw new CauceError({
    code: "SourcesMixed",
    what: `${path} stands alone, or not at all.`,
    why: "Several words are files of one table.",
    fix: "Name files only, or one folder, one project, one address.",
  });
}

function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+]+:\/\//i.test(path);
}

function fromUrl(url: string, flags: TableFlags): LoadedProject {
  if (!/^(s3|postgres|postgresql|mysql|mariadb):\/\//i.test(url)) throw unknownUrl(url);
  const name = flags.name ?? projectNameFrom(flags.table ?? basename(new URL(url).pathname));
  if (flags.predict === undefined) throw nothingToPredict(url.replace(/:[^@/]*@/, "@"));
  const project = applyFlags({ name, data: { source: url, target: flags.predict } }, flags);
  return { project: resolveProject(project, "The command line"), folder: process.cwd() };
}

function unknownUrl(url: string): CauceError {
  return new CauceError({
    code: "SourceUnknown",
    what: `${url.replace(/:[^@/]*@/, "@")} cannot be read.`,
    why: "Tables are read from files and folders, and from s3://, postgres:// and mysql:// addresses.",
    fix: "Download it, and give the file's path.",
  });
}

function nothingToPredict(shown: string): CauceError {
  return new CauceError({
    code: "TargetMissing",
    what: `Cauce does not know what to predict from ${shown}.`,
    why: "A table alone does not say which of its columns is the target.",
    fix: `Name it: cauce up ${shown} --predict COLUMN`,
  });
}

const TASKS = ["binary", "multiclass", "regression"];

function requireTask(task: string | undefined): void {
  if (task === undefined || TASKS.includes(task)) return;
  throw new CauceError({
    code: "BadFlag",
    what: `--task cannot be ${JSON.stringify(task)}.`,
    why: `A task is ${TASKS.join(", ").replace(/, (?=\w+$)/, " or ")}.`,
    fix: "Give one of these, or leave --task away: the target's values say which it is.",
  });
}

function applyFlags(project: Project, { predict, task, sheet, table, query, header, stage }: TableFlags): Project {
  requireTask(task);
  return {
    ...project,
    name: stagedName(project.name, stage),
    data: {
      ...project.data,
      ...(predict !== undefined && { target: predict }),
      ...(task !== undefined && { task: task as NonNullable<Project["data"]["task"]> }),
      ...(sheet !== undefined && { sheet }),
      ...(table !== undefined && { table }),
      ...(query !== undefined && { query }),
      ...(header !== undefined && { header }),
    },
  };
}

/** Runs a project file. `cauce` means this very package, wherever the file lies. */
async function evaluate(config: Config, file: string, shown: string): Promise<unknown> {
  const alias = { cauce: join(config.assets, "dist", "index.js") };
  // A fifth of the time that the server takes to start, which reads no project.
  const { createJiti } = await import("jiti");
  const jiti = createJiti(import.meta.url, { alias, fsCache: false, moduleCache: false });
  try {
    return await jiti.import(file, { default: true });
  } catch (error) {
    throw new CauceError(
      {
        code: "ProjectUnreadable",
        what: `${shown} cannot be read.`,
        why: messageOf(error),
        fix: "Mend the file; `cauce init` shows one that works.",
      },
      { cause: error },
    );
  }
}

function missing(path: string): CauceError {
  return new CauceError({
    code: "FileMissing",
    what: `There is no ${path}.`,
    why: "Neither a table nor a project's folder has that name.",
    fix: "Check the path; it is relative to where you stand.",
  });
}

function noProjectIn(path: string): CauceError {
  return new CauceError({
    code: "ProjectMissing",
    what: `There is no project in ${path === "." ? "this folder" : path}.`,
    why: "A project's folder has a file cauce.config.ts.",
    fix: "Name a project's folder, or a table: cauce up table.csv --predict COLUMN. `cauce init` makes a project.",
  });
}
