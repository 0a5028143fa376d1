import type { JsonObject, JsonValue } from "#core";
import { CACHED, get, outputOf, RETRIED } from "../../definition.ts";
import { jobRole } from "../../resources.ts";
import { roleArn } from "../processing.ts";
import type { Stage } from "../stage.ts";

/** `train.py` in the XGBoost image, by an entry point of our own: in script mode a failure would lose its reason. */
export const train: Stage = {
  name: "train",
  contribute(at) {
    const { train: settings, prepare } = at.project;
    const hyperparameters = { seed: prepare.seed, ...settings.hyperparameters };
    return {
      steps: [
        {
          Name: "Train",
          Type: "Training",
          Arguments: {
            AlgorithmSpecification: {
              TrainingImage: at.image,
              TrainingInputMode: "File",
              ContainerEntrypoint: ["python3", "/opt/ml/input/data/code/train.py"],
            },
            HyperParameters: Object.fromEntries(
              Object.entries(hyperparameters).map(([name, value]) => [name, String(value)]),
            ),
            InputDataConfig: [
              channel("code", get("Parameters.CodeUri")),
              channel("train", outputOf("Prepare", "train")),
              channel("validation", outputOf("Prepare", "validation")),
              channel("features", outputOf("Prepare", "features")),
            ],
            OutputDataConfig: { S3OutputPath: at.names.uri("models") },
            ResourceConfig: { InstanceCount: 1, InstanceType: settings.type, VolumeSizeInGB: 30 },
            RoleArn: roleArn(at, "train"),
            StoppingCondition: { MaxRuntimeInSeconds: settings.maxMinutes * 60 },
          },
          CacheConfig: CACHED,
          RetryPolicies: RETRIED,
        },
      ],
      resources: { TrainRole: jobRole(at, "train", ["code", "runs"], ["models"]) },
    };
  },
};

function channel(name: string, uri: JsonValue): JsonObject {
  return {
    ChannelName: name,
    InputMode: "File",
    DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" } },
  };
}
