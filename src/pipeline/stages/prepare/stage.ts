import { basename } from "node:path";
import { get, outputOf, type Step } from "../../definition.ts";
import { jobRole } from "../../resources.ts";
import { RUNNER } from "../../script-code.ts";
import { processingStep, scriptStep } from "../processing.ts";
import type { Stage, StageContext } from "../stage.ts";

/** What a processing script writes unless the project says otherwise. */
export const PREPARED: readonly string[] = ["train", "validation"];

/** Splits with a fixed seed, fits the features on the training part only; then runs the project's own script, if it has one. */
export const prepare: Stage = {
  name: "prepare",
  contribute(at) {
    const tables = at.scriptsUri ? ["train-table", "validation-table", "training-table"] : [];
    return {
      steps: [
        processingStep(at, {
          name: "Prepare",
          script: "prepare.py",
          settings: "SettingsUri",
          inputs: { data: get("Steps.Extract.OutputParameters['DataUri']") },
          outputs: ["train", "validation", "test", "features", ...tables],
        }),
        ...ownScript(at),
      ],
      resources: {
        PrepareRole: jobRole(
          at,
          "prepare",
          ["code", "settings", "extracted", ...(at.scriptsUri ? ["runs", "scripts"] : [])],
          ["runs"],
        ),
      },
    };
  },
};

/** It sees the rows that the evaluation does not use, as one table, and splits them as it likes. */
function ownScript(at: StageContext): readonly Step[] {
  const { script, outputs } = at.project.prepare;
  if (script === undefined || at.scriptsUri === undefined) return [];
  return [
    scriptStep(at, {
      name: "PrepareScript",
      role: "prepare",
      program: `/opt/ml/processing/input/code/${RUNNER}`,
      script: basename(script),
      inputs: {
        "/opt/ml/processing/input": outputOf("Prepare", "training-table"),
        "/opt/ml/processing/input/code": `${at.scriptsUri}code/`,
      },
      outputs: outputs ?? PREPARED,
    }),
  ];
}
