import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CauceError, parseJson, sha256 } from "#core";
import { createBuiltInScorer, createModel, readFeatures, readXgboost } from "#scoring";
import type { VariantRow } from "../state.ts";
import type { Engine, EngineReply, EngineRequest } from "./engine.ts";

export interface NativeOptions {
  /** Where the model was unpacked. */
  readonly folder: string;
  readonly variant: VariantRow;
  readonly algorithm: "xgboost" | "linear-learner";
  /** Root of what ships with Cauce. */
  readonly assets: string;
}

/** The native scorer, when the model is one that it answers exactly as the container would; else undefined. */
export async function createNativeEngine(options: NativeOptions): Promise<Engine | undefined> {
  const { environment } = options.variant;
  if (options.algorithm !== "xgboost") return undefined;
  const program = environment["SAGEMAKER_PROGRAM"];
  if (program === undefined) return createBuiltIn(options);
  const shipped = program === "inference.py" && environment["SAGEMAKER_SUBMIT_DIRECTORY"] === "/opt/ml/model/code";
  return shipped && (await isOurCode(options)) ? createOurs(options) : undefined;
}

/** AWS: these change what the image answers; the Python workers know them. */
const SHAPING = [
  "SAGEMAKER_INFERENCE_OUTPUT",
  "SAGEMAKER_INFERENCE_INPUT",
  "SAGEMAKER_INFERENCE_SUPPORTED",
  "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",
];

async function createBuiltIn({ folder, variant }: NativeOptions): Promise<Engine | undefined> {
  if (SHAPING.some((name) => variant.environment[name] !== undefined)) return undefined;
  const files = (await readdir(folder, { withFileTypes: true })).filter(
    (entry) => entry.isFile() && !entry.name.startsWith("."),
  );
  // Several files are an ensemble to the image.
  const [file, ...more] = files;
  if (!file || more.length > 0) return undefined;
  const booster = await attempt(async () => readXgboost(await readFile(join(folder, file.name))));
  if (!booster) return undefined;
  const scorer = createBuiltInScorer(booster, { batch: variant.environment["SAGEMAKER_BATCH"] !== undefined });
  return toEngine(({ body, contentType }) => scorer.reply(body, contentType));
}

async function createOurs({ folder }: NativeOptions): Promise<Engine | undefined> {
  const model = await attempt(async () => {
    const features = readFeatures(parseJson(await readFile(join(folder, "features.json"), "utf8")));
    return createModel(features, readXgboost(await readFile(join(folder, "model.ubj"))));
  });
  // AWS: a request without a content type is taken for application/json in script mode.
  return model && toEngine(({ body, contentType }) => model.reply(body, contentType ?? "application/json"));
}

/** What the scorer cannot read may still be a model to the container: it decides, and says why not. */
async function attempt<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CauceError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether `code/` holds the modules that ship with Cauce, byte for byte, and none besides. */
async function isOurCode({ folder, assets }: NativeOptions): Promise<boolean> {
  const code = join(folder, "code");
  const shipped = join(assets, "python", "src", "cauce_ml");
  const names = await readdir(code).catch((): string[] => []);
  const modules = names.filter((name) => name.endsWith(".py"));
  if (!modules.includes("inference.py") || names.includes("requirements.txt")) return false;
  const same = modules.map(async (name) => {
    const theirs = await readFile(join(code, name));
    const ours = await readFile(join(shipped, name)).catch(() => undefined);
    return ours !== undefined && sha256(theirs) === sha256(ours);
  });
  return (await Promise.all(same)).every(Boolean);
}

function toEngine(invoke: (request: EngineRequest) => EngineReply): Engine {
  return { kind: "native", invoke, stop: async () => {} };
}
