import { get } from "../../definition.ts";
import { jobRole } from "../../resources.ts";
import { processingStep } from "../processing.ts";
import type { Stage } from "../stage.ts";

/** Splits with a fixed seed, fits the features on the training part only. */
export const prepare: Stage = {
  name: "prepare",
  contribute(at) {
    return {
      steps: [
        processingStep(at, {
          name: "Prepare",
          script: "prepare.py",
          settings: "SettingsUri",
          inputs: { data: get("Steps.Extract.OutputParameters['DataUri']") },
          outputs: ["train", "validation", "test", "features"],
        }),
      ],
      resources: { PrepareRole: jobRole(at, "prepare", ["code", "settings", "extracted"], ["runs"]) },
    };
  },
};
