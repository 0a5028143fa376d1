import { get, outputOf } from "../../definition.ts";
import { jobRole } from "../../resources.ts";
import { processingStep } from "../processing.ts";
import type { Stage } from "../stage.ts";

/** Measures the model, and what serves now, on rows that neither has seen. */
export const evaluate: Stage = {
  name: "evaluate",
  contribute(at) {
    return {
      steps: [
        processingStep(at, {
          name: "Evaluate",
          script: "evaluate.py",
          settings: "EvaluateSettingsUri",
          inputs: {
            model: get("Steps.Train.ModelArtifacts.S3ModelArtifacts"),
            test: outputOf("Prepare", "test"),
            features: outputOf("Prepare", "features"),
            // AWS: an input without any object fails the job, so without a champion this is a marker's address.
            champion: get("Steps.Extract.OutputParameters['ChampionUri']"),
          },
          outputs: ["evaluation"],
          propertyFiles: [{ PropertyFileName: "Evaluation", OutputName: "evaluation", FilePath: "evaluation.json" }],
        }),
      ],
      resources: {
        EvaluateRole: jobRole(at, "evaluate", ["code", "settings", "runs", "models", "champion"], ["runs"]),
      },
    };
  },
};
