import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CauceError } from "#core";
import { gather, FUNCTIONS, synth } from "#pipeline";
import { cacheFolder } from "./destination.ts";
import type { Config } from "./config.ts";
import type { LoadedProject } from "./load-project.ts";

/** Writes to a folder what `up` would send: the template, the pipeline definition, the code of functions and steps. Asks nobody. */
export async function writeSynth(config: Config, { project, folder }: LoadedProject, out: string): Promise<string[]> {
  const platform = `${process.platform}-${process.arch}`;
  const gathered = await gather(project, { folder, assets: config.assets, cache: cacheFolder(config), platform });
  const made = synth(project, gathered.contents, { account: config.account, region: config.region });
  const texts: Readonly<Record<string, string>> = {
    "template.json": JSON.stringify(made.template, null, 2),
    "pipeline.json": JSON.stringify(made.definition, null, 2),
    "settings/prepare/settings.json": made.settings.prepare,
    "settings/evaluate/settings.json": made.settings.evaluate,
  };
  clear(out);
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), `${text.trimEnd()}\n`);
  }
  for (const { name, file } of gathered.codeFiles) copy(file, join(out, "code", name));
  for (const fn of FUNCTIONS) {
    for (const { name, file } of gathered.functionFiles[fn]) copy(file, join(out, "functions", fn, name));
  }
  return ["template.json", "pipeline.json", "settings/", "code/", ...FUNCTIONS.map((fn) => `functions/${fn}/`)];
}

const OURS = ["template.json", "pipeline.json", "settings", "code", "functions"];

/** What an earlier synth wrote gives way; a folder with anything else in it is somebody's own. */
function clear(out: string): void {
  const found = existsSync(out) ? readdirSync(out) : [];
  const foreign =
    found.find((name) => !OURS.includes(name)) ?? (found.includes("template.json") ? undefined : found[0]);
  if (foreign !== undefined) throw notOurs(out, foreign);
  rmSync(out, { recursive: true, force: true });
}

function notOurs(out: string, foreign: string): CauceError {
  const shown = relative(process.cwd(), out) || ".";
  return new CauceError({
    code: "FolderInUse",
    what: `${shown} is not replaced.`,
    why: `It holds ${foreign}, which \`cauce synth\` did not write.`,
    fix: "Give --out a folder that is new or empty.",
  });
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
