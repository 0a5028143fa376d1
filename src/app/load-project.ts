import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { createJiti } from "jiti";
import { CauceError, messageOf } from "#core";
import { projectNameFrom, type Project, type ResolvedProject, resolveProject } from "#pipeline";
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
  readonly header?: boolean | undefined;
}

const FILES = ["cauce.config.ts", "cauce.config.mts", "cauce.config.js", "cauce.config.mjs"];

/** Whether a folder holds a project file. */
export function hasProject(folder: string): boolean {
  return FILES.some((name) => existsSync(join(folder, name)));
}

/** A table's path with `--predict`, a project's folder, or its file. */
export async function loadProject(config: Config, path: string, flags: TableFlags): Promise<LoadedProject> {
  const full = resolve(path);
  if (!existsSync(full)) throw missing(path);
  const file = statSync(full).isDirectory() ? FILES.map((name) => join(full, name)).find(existsSync) : full;
  if (!file) throw noProjectIn(path);
  return /\.(m|c)?[jt]s$/.test(file) ? fromFile(config, file, flags) : fromTable(file, flags);
}

async function fromFile(config: Config, file: string, flags: TableFlags): Promise<LoadedProject> {
  const shown = relative(process.cwd(), file) || basename(file);
  const value = await evaluate(config, file, shown);
  const given = { ...(value as Project), ...(flags.name !== undefined && { name: flags.name }) };
  return { project: resolveProject(applyFlags(given, flags), shown), folder: dirname(file), file };
}

function fromTable(file: string, flags: TableFlags): LoadedProject {
  const shown = relative(process.cwd(), file) || basename(file);
  if (flags.predict === undefined) {
    throw new CauceError({
      code: "TargetMissing",
      what: `Cauce does not know what to predict from ${shown}.`,
      why: "A table alone does not say which of its columns is the target.",
      fix: `Name it: cauce up ${shown} --predict COLUMN`,
    });
  }
  const name = flags.name ?? projectNameFrom(basename(file));
  const project = applyFlags({ name, data: { source: basename(file), target: flags.predict } }, flags);
  return { project: resolveProject(project, "the command line"), folder: dirname(file) };
}

function applyFlags(project: Project, { predict, task, sheet, header }: TableFlags): Project {
  return {
    ...project,
    data: {
      ...project.data,
      ...(predict !== undefined && { target: predict }),
      ...(task !== undefined && { task: task as NonNullable<Project["data"]["task"]> }),
      ...(sheet !== undefined && { sheet }),
      ...(header !== undefined && { header }),
    },
  };
}

/** Runs a project file. `cauce` means this very package, wherever the file lies. */
async function evaluate(config: Config, file: string, shown: string): Promise<unknown> {
  const alias = { cauce: join(config.assets, "dist", "index.js") };
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
