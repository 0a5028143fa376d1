import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Caller } from "#aws";
import { CauceError, messageOf, parseJson } from "#core";
import { createModel, readFeatures, readXgboost } from "#scoring";
import type { Version } from "./describe.ts";
import { deleteObject, getObject, putObject, sizeOf } from "./objects.ts";
import { untar } from "./untar.ts";

/** What a model is made of for the native scorer, in its archive and below `serving/<configuration>/`. */
const FILES = ["features.json", "model.ubj"] as const;

// The archive, what it holds and what is read of it are in memory together.
const LARGEST_ARCHIVE = 64 * 2 ** 20;
const LARGEST_CONTENT = 192 * 2 ** 20;

/** Lays the model out for the function behind the URL. Answers why it cannot be scored there, or undefined when it can. */
export async function layOut(
  aws: Caller,
  version: Version,
  folder: string,
  modules: string,
): Promise<string | undefined> {
  const { ModelDataUrl: uri, Environment: environment } = version.container;
  if (environment["SAGEMAKER_PROGRAM"] !== "inference.py") return "It has a program of its own.";
  const size = (await sizeOf(aws, uri)) ?? 0;
  if (size > LARGEST_ARCHIVE)
    return `Its archive has ${Math.ceil(size / 2 ** 20)} MB; inside a Lambda function it may have 64.`;
  const archive = await getObject(aws, uri);
  if (archive === undefined) return `${uri} is not there, or may not be read.`;
  const files = unpacked(archive.body);
  if (typeof files === "string") return files;
  const reason = (await ownProgram(files, modules)) ?? unreadable(files);
  if (reason !== undefined) return reason;
  await Promise.all(FILES.map((name) => putObject(aws, `${folder}/${name}`, files.get(name) ?? Buffer.alloc(0))));
  return undefined;
}

function unpacked(archive: Buffer): ReadonlyMap<string, Buffer> | string {
  try {
    return untar(archive, LARGEST_CONTENT);
  } catch (error) {
    return `Its archive cannot be unpacked: ${messageOf(error)}`;
  }
}

export async function removeLayout(aws: Caller, folder: string): Promise<void> {
  await Promise.all(FILES.map((name) => deleteObject(aws, `${folder}/${name}`)));
}

/** The scorer stands for the modules that ship with Cauce, byte for byte, and for no others: decision 0005. */
async function ownProgram(files: ReadonlyMap<string, Buffer>, modules: string): Promise<string | undefined> {
  if (files.has("code/requirements.txt")) return "It brings packages of its own (code/requirements.txt).";
  for (const [path, content] of files) {
    const [, name] = /^code\/([^/]+\.py)$/.exec(path) ?? [];
    if (name === undefined) continue;
    const ours = await readFile(join(modules, name)).catch(() => undefined);
    if (!ours?.equals(content)) return `Its program is not the one of this Cauce (code/${name}).`;
  }
  return files.has("code/inference.py") ? undefined : "It has no code/inference.py.";
}

function unreadable(files: ReadonlyMap<string, Buffer>): string | undefined {
  const [features, booster] = FILES.map((name) => files.get(name));
  if (!features || !booster) return `Its archive holds no ${features ? "model.ubj" : "features.json"}.`;
  try {
    createModel(readFeatures(parseJson(features.toString("utf8"))), readXgboost(booster));
    return undefined;
  } catch (error) {
    if (error instanceof CauceError) return `${error.explanation.what} ${error.explanation.why}`;
    throw error;
  }
}
