import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gather, FUNCTIONS, synth } from "#pipeline";
import { cacheFolder } from "./target.ts";
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
    "settings.json": made.settings,
  };
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(out, name), `${text.trimEnd()}\n`);
  for (const { name, file } of gathered.codeFiles) copy(file, join(out, "code", name));
  for (const fn of FUNCTIONS) {
    for (const { name, file } of gathered.functionFiles[fn]) copy(file, join(out, "functions", fn, name));
  }
  return [...Object.keys(texts), "code/", ...FUNCTIONS.map((fn) => `functions/${fn}/`)];
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
