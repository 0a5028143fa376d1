import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clients } from "#aws";
import { canonicalJson, sha256 } from "#core";
import { scriptFiles } from "./script-code.ts";
import { tarGz } from "./tar.ts";
import { functionFiles } from "./function-files.ts";
import { FUNCTIONS, type FunctionName } from "./names.ts";
import { gatherSource } from "./sources/index.ts";
import type { Source } from "./sources/source.ts";
import type { Contents, Synth } from "./synth.ts";
import type { ResolvedProject } from "./validate.ts";
import { writeZip, type ZipEntry } from "./zip.ts";

/** Where a project's files come from. */
export interface Places {
  /** The project's own folder, which `data.source` is relative to. */
  readonly folder: string;
  /** What ships with Cauce: `python/`, `dist/functions/`. */
  readonly assets: string;
  /** Ours, for zips. */
  readonly cache: string;
  /** To look at a table that lies in S3. */
  readonly aws?: Clients;
  /** What the functions will run on, e.g. `linux-x64`. */
  readonly platform: string;
}

/** The files on this disk that a project is made of. */
export interface Gathered {
  readonly contents: Contents;
  readonly sourceFiles: Source["files"];
  readonly codeFiles: readonly ZipEntry[];
  readonly scriptFiles: readonly ZipEntry[];
  readonly functionFiles: Readonly<Record<FunctionName, readonly ZipEntry[]>>;
  readonly cache: string;
}

export async function gather(project: ResolvedProject, places: Places): Promise<Gathered> {
  const [codeFiles, scripts] = await Promise.all([pythonFiles(places.assets), scriptFiles(project, places)]);
  const functions = {} as Record<FunctionName, { readonly files: readonly ZipEntry[]; readonly digest: string }>;
  for (const name of FUNCTIONS) functions[name] = await functionFiles(name, places);
  const [source, code] = await Promise.all([gatherSource(project.data, places), digestOf(codeFiles)]);
  return {
    contents: {
      source: {
        name: source.name,
        sha256: source.sha256,
        ...(source.folder && { folder: true }),
        ...(source.uri !== undefined && { uri: source.uri }),
      },
      code,
      ...(scripts.length > 0 && { scripts: await digestOf(scripts) }),
      functions: {
        extract: functions.extract.digest,
        predict: functions.predict.digest,
        deploy: functions.deploy.digest,
      },
    },
    sourceFiles: source.files,
    codeFiles,
    scriptFiles: scripts,
    functionFiles: {
      extract: functions.extract.files,
      predict: functions.predict.files,
      deploy: functions.deploy.files,
    },
    cache: places.cache,
  };
}

/** One object of the assets bucket. */
export interface AssetObject {
  readonly key: string;
  readonly name: string;
  /** Made only when the bucket does not have it. */
  content(): Promise<{ readonly file: string } | { readonly text: string | Buffer }>;
}

/** Everything that must lie in the bucket before the stack is made. */
export function assetObjects(synth: Synth, gathered: Gathered): readonly AssetObject[] {
  return [
    ...gathered.sourceFiles.map(({ name, file }) => ({
      key: gathered.contents.source.folder ? `${synth.keys.source}${name}` : synth.keys.source,
      name,
      content: async () => ({ file }),
    })),
    ...gathered.codeFiles.map(({ name, file }) => ({
      key: `${synth.keys.code}${name}`,
      name,
      content: async () => ({ file }),
    })),
    ...scriptObjects(synth.keys.scripts, gathered.scriptFiles),
    ...(["prepare", "evaluate"] as const).map((step) => ({
      key: `${synth.keys.settings[step]}settings.json`,
      name: "settings.json",
      content: async () => ({ text: synth.settings[step] }),
    })),
    {
      key: synth.names.key("champion", "none", "marker"),
      name: "marker",
      content: async () => ({ text: "No model serves yet.\n" }),
    },
    ...FUNCTIONS.map((name) => ({
      key: synth.keys.functions[name],
      name: `${name}.zip`,
      content: () => zipped(gathered, name),
    })),
  ];
}

function scriptObjects(prefix: string | undefined, files: readonly ZipEntry[]): readonly AssetObject[] {
  if (prefix === undefined) return [];
  return [
    {
      key: `${prefix}sourcedir.tar.gz`,
      name: "sourcedir.tar.gz",
      content: async () => ({ text: await tarGz(files) }),
    },
    // As files too: a processing job unpacks nothing.
    ...files.map(({ name, file }) => ({ key: `${prefix}code/${name}`, name, content: async () => ({ file }) })),
  ];
}

async function zipped(gathered: Gathered, name: FunctionName): Promise<{ readonly file: string }> {
  await mkdir(gathered.cache, { recursive: true });
  const file = join(gathered.cache, `${name}-${gathered.contents.functions[name]}.zip`);
  if (!(await stat(file).catch(() => undefined))) await writeZip(file, gathered.functionFiles[name]);
  return { file };
}

async function pythonFiles(assets: string): Promise<readonly ZipEntry[]> {
  const folder = join(assets, "python/src/cauce_ml");
  const names = (await readdir(folder)).filter((name) => /\.(py|toml)$/.test(name) && name !== "__init__.py").sort();
  return names.map((name) => ({ name, file: join(folder, name) }));
}

async function digestOf(entries: readonly ZipEntry[]): Promise<string> {
  const digests = await Promise.all(entries.map(async ({ name, file }) => [name, sha256(await readFile(file))]));
  return sha256(canonicalJson(digests)).slice(0, 32);
}
