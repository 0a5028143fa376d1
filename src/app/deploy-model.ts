import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { CauceError } from "#core";
import { type GivenModel, projectNameFrom, stagedName } from "#pipeline";

/** What the command line says of a model. */
export interface ModelFlags {
  readonly model: string | undefined;
  readonly name: string | undefined;
  readonly stage: string | undefined;
  readonly example: string | undefined;
  readonly classes: string | undefined;
  readonly target: string | undefined;
  /** A file. */
  readonly requirements: string | undefined;
  /** How it is served. */
  readonly on: string | undefined;
}

const ENDINGS = [".joblib", ".pkl", ".pickle", ".json", ".ubj", ".txt", ".onnx", ".tar.gz", ".tgz"];

/** Checks what can be said without opening the model: a pickle runs code, so only its job opens it. */
export function readModel(flags: ModelFlags): GivenModel {
  const { model, name, stage, example, classes, target, requirements } = flags;
  if (model === undefined) {
    throw new CauceError({
      code: "ModelMissing",
      what: "Which model?",
      why: "`cauce deploy` takes the file of a model that exists already.",
      fix: "Name it: cauce deploy model.joblib --name churn",
    });
  }
  const ending = ENDINGS.find((one) => model.toLowerCase().endsWith(one));
  const size = sizeOf(model);
  if (ending === undefined) throw unknownEnding(model);
  if (size === 0) throw unreadable(model, "It is empty.");
  if (example !== undefined) sizeOf(example);
  const on = wayOf(flags.on);
  if (on === "lambda") requireScorable(model, ending);
  if (on === "lambda" && requirements !== undefined) throw unneeded();
  return {
    model: resolve(model),
    name: stagedName(name ?? projectNameFrom(basename(model).slice(0, -ending.length)), stage),
    ...(example !== undefined && { example: resolve(example) }),
    ...(classes !== undefined && { classes: classes.split(",").map((label) => label.trim()) }),
    ...(target !== undefined && { target }),
    ...(requirements !== undefined && { requirements: textOf(requirements) }),
    ...(on !== undefined && { on }),
  };
}

const WAYS = ["endpoint", "serverless", "lambda"] as const;

function wayOf(text: string | undefined): GivenModel["on"] {
  const way = WAYS.find((one) => one === text);
  if (text === undefined || way !== undefined) return way;
  throw new CauceError({
    code: "BadFlag",
    what: `--on ${text} is not a way to serve a model.`,
    why: "A model is served by an endpoint, by a serverless endpoint, or inside the Lambda function behind the URL.",
    fix: `Say --on ${WAYS.join(", --on ")}.`,
  });
}

/** What the scorer inside the function can be asked for: XGBoost's own files, which begin with their learner. */
function requireScorable(model: string, ending: string): void {
  // What is in an archive is seen when it is looked at.
  if (ending === ".tar.gz" || ending === ".tgz") return;
  if ([".json", ".ubj"].includes(ending) && beginningOf(model).includes("learner")) return;
  throw new CauceError({
    code: "NotScorable",
    what: `${basename(model)} cannot be served inside a Lambda function.`,
    why: "There is no Python there: what XGBoost saves as .json or .ubj is scored natively, and nothing else.",
    fix: "Say --on serverless: it costs nothing while nobody asks, too.",
  });
}

function unneeded(): CauceError {
  return new CauceError({
    code: "OptionUnused",
    what: "`cauce deploy --on lambda` has no use for --requirements.",
    why: "There is no Python inside that function that could use a package.",
    fix: "Leave --requirements away, or serve the model by an endpoint: --on serverless.",
  });
}

function beginningOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(64);
    return bytes.toString("latin1", 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw unreadable(path, "There is no such file.");
  if (!found.isFile()) throw unreadable(path, "It is not a file.");
  return found.size;
}

function textOf(path: string): string {
  sizeOf(path);
  return readFileSync(path, "utf8");
}

function unreadable(path: string, why: string): CauceError {
  return new CauceError({
    code: "FileMissing",
    what: `${path} cannot be read.`,
    why,
    fix: "Check the path; it is relative to where you stand.",
  });
}

function unknownEnding(path: string): CauceError {
  return new CauceError({
    code: "ModelUnknown",
    what: `${basename(path)} is not a model that Cauce knows.`,
    why: `A model's file ends with ${ENDINGS.join(", ")}.`,
    fix: "Save it as one of these: scikit-learn with joblib.dump, XGBoost and LightGBM with save_model.",
  });
}
