import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson, CauceError, closest, sha256 } from "#core";
import { scriptFiles } from "./script-code.ts";
import { tarGz } from "./tar.ts";
import { functionFiles } from "./function-files.ts";
import { FUNCTIONS, type FunctionName } from "./names.ts";
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
  /** What the functions will run on, e.g. `linux-x64`. */
  readonly platform: string;
}

/** The files on this disk that a project is made of. */
export interface Gathered {
  readonly contents: Contents;
  readonly sourceFile: string;
  readonly codeFiles: readonly ZipEntry[];
  readonly scriptFiles: readonly ZipEntry[];
  readonly functionFiles: Readonly<Record<FunctionName, readonly ZipEntry[]>>;
  readonly cache: string;
}

export async function gather(project: ResolvedProject, places: Places): Promise<Gathered> {
  const sourceFile = resolve(places.folder, project.data.source);
  const [codeFiles, scripts] = await Promise.all([pythonFiles(places.assets), scriptFiles(project, places)]);
  const functions = {} as Record<FunctionName, { readonly files: readonly ZipEntry[]; readonly digest: string }>;
  for (const name of FUNCTIONS) functions[name] = await functionFiles(name, places);
  const [source, code] = await Promise.all([digestOfSource(sourceFile, project.data.source), digestOf(codeFiles)]);
  return {
    contents: {
      source: { name: basename(sourceFile), sha256: source },
      code,
      ...(scripts.length > 0 && { scripts: await digestOf(scripts) }),
      functions: {
        extract: functions.extract.digest,
        predict: functions.predict.digest,
        deploy: functions.deploy.digest,
      },
    },
    sourceFile,
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
    {
      key: synth.keys.source,
      name: gathered.contents.source.name,
      content: async () => ({ file: gathered.sourceFile }),
    },
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

async function digestOfSource(file: string, shown: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw await sourceMissing(file, shown, found !== undefined);
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex").slice(0, 32);
}

async function sourceMissing(file: string, shown: string, isFolder: boolean): Promise<CauceError> {
  const beside = await readdir(dirname(file)).catch(() => []);
  const meant = closest(basename(file), beside);
  return new CauceError({
    code: "SourceMissing",
    what: `${shown} cannot be read.`,
    why: isFolder ? "It is a folder." : "There is no such file.",
    fix:
      meant !== undefined && !isFolder ? `Did you mean ${join(dirname(shown), meant)}?` : "Give the path of a table.",
  });
}
