import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson, sha256 } from "#core";
import { functionFiles } from "./function-files.ts";
import type { FunctionName } from "./names.ts";
import type { ZipEntry } from "./zip.ts";

/** Of what trains and serves our own models, what these use as well. */
const SHARED = [
  "_build.py",
  "cauce_dates.py",
  "cauce_features.py",
  "cauce_request.py",
  "cauce_step.py",
  "cauce_units.py",
  "cauce_xgboost.py",
  "inference.py",
  "pyproject.toml",
];

export interface ModelFiles {
  /** Paths on this disk. */
  readonly model: string;
  readonly example?: string;
}

/** A model that exists already, and what is known of it besides. */
export interface GivenModel extends ModelFiles {
  /** The project's name. */
  readonly name: string;
  /** What the answer is called, when the example does not say. */
  readonly target?: string;
  /** The labels of the model's classes, in its order. */
  readonly classes?: readonly string[];
  /** The text of a requirements.txt. */
  readonly requirements?: string;
  /** How it is served; by an endpoint when not given. */
  readonly on?: "endpoint" | "serverless" | "lambda" | undefined;
}

export interface GivenFile {
  readonly path: string;
  readonly name: string;
  readonly digest: string;
}

/** What a deployment of a model is made of, by content. */
export interface GatheredModel {
  readonly model: GivenFile;
  readonly example: GivenFile | undefined;
  readonly code: { readonly files: readonly ZipEntry[]; readonly digest: string };
  readonly functions: Readonly<
    Partial<Record<FunctionName, { readonly files: readonly ZipEntry[]; readonly digest: string }>>
  >;
  readonly cache: string;
}

/** The packages of a stack that has no table to extract; the one of `extract` also reads tables to predict. */
export const SERVING = ["extract", "predict", "deploy"] as const;

export async function gatherModel(
  { model, example }: ModelFiles,
  places: { readonly assets: string; readonly cache: string; readonly platform: string },
): Promise<GatheredModel> {
  const [extract, predict, deploy] = await Promise.all(SERVING.map((name) => functionFiles(name, places)));
  return {
    model: await givenFile(model),
    example: example === undefined ? undefined : await givenFile(example),
    code: await codeFiles(places.assets),
    functions: { ...(extract && { extract }), ...(predict && { predict }), ...(deploy && { deploy }) },
    cache: places.cache,
  };
}

async function givenFile(path: string): Promise<GivenFile> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return { path, name: basename(path), digest: hash.digest("hex").slice(0, 32) };
}

/** What looks at the model and what serves it, flat. */
async function codeFiles(assets: string): Promise<GatheredModel["code"]> {
  const files: ZipEntry[] = [];
  for (const part of ["cauce_ml", "cauce_models"]) {
    const folder = join(assets, "python/src", part);
    const names = (await readdir(folder)).filter((name) =>
      part === "cauce_ml" ? SHARED.includes(name) : name.endsWith(".py"),
    );
    files.push(...names.sort().map((name) => ({ name, file: join(folder, name) })));
  }
  const digests = await Promise.all(files.map(async ({ name, file }) => [name, sha256(await readFile(file))]));
  return { files, digest: sha256(canonicalJson(digests)).slice(0, 32) };
}
