import { readFileSync, statSync } from "node:fs";
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
}

const ENDINGS = [".joblib", ".pkl", ".pickle", ".json", ".ubj", ".txt", ".onnx", ".tar.gz", ".tgz"];

/** Checks what can be said without opening the model: a pickle runs code, so only its job opens it. */
export function readModel({ model, name, stage, example, classes, target, requirements }: ModelFlags): GivenModel {
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
  return {
    model: resolve(model),
    name: stagedName(name ?? projectNameFrom(basename(model).slice(0, -ending.length)), stage),
    ...(example !== undefined && { example: resolve(example) }),
    ...(classes !== undefined && { classes: classes.split(",").map((label) => label.trim()) }),
    ...(target !== undefined && { target }),
    ...(requirements !== undefined && { requirements: textOf(requirements) }),
  };
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
