import { basename } from "node:path";
import type { JsonObject, JsonValue } from "#core";
import { CACHED, get, outputOf, RETRIED } from "../../definition.ts";
import { jobRole } from "../../resources.ts";
import { RUNNER } from "../../script-code.ts";
import { PREPARED } from "../prepare/stage.ts";
import { roleArn } from "../processing.ts";
import type { Stage, StageContext } from "../stage.ts";

/** `train.py` in the XGBoost image, or the project's own script in the same image's script mode. */
export const train: Stage = {
  name: "train",
  contribute(at) {
    const { train: settings } = at.project;
    const { algorithm, hyperparameters, environment, channels } = at.scriptsUri
      ? ownScript(at, at.scriptsUri)
      : ours(at);
    return {
      steps: [
        {
          Name: "Train",
          Type: "Training",
          Arguments: {
            AlgorithmSpecification: { TrainingImage: at.image, TrainingInputMode: "File", ...algorithm },
            HyperParameters: Object.fromEntries(
              Object.entries(hyperparameters).map(([name, value]) => [name, String(value)]),
            ),
            ...(environment && { Environment: environment }),
            InputDataConfig: Object.entries(channels).map(([name, uri]) => channel(name, uri)),
            OutputDataConfig: { S3OutputPath: at.names.uri("models") },
            ResourceConfig: { InstanceCount: 1, InstanceType: settings.type, VolumeSizeInGB: 30 },
            RoleArn: roleArn(at, "train"),
            StoppingCondition: { MaxRuntimeInSeconds: settings.maxMinutes * 60 },
          },
          CacheConfig: CACHED,
          RetryPolicies: RETRIED,
        },
      ],
      resources: {
        TrainRole: jobRole(at, "train", ["code", "runs", ...(at.scriptsUri ? ["scripts"] : [])], ["models"]),
      },
    };
  },
};

interface Way {
  readonly algorithm: JsonObject;
  readonly hyperparameters: Readonly<Record<string, string | number | boolean>>;
  readonly environment?: JsonObject;
  readonly channels: Readonly<Record<string, JsonValue>>;
}

/** By an entry point of our own: in script mode a failure would lose its reason. */
function ours(at: StageContext): Way {
  return {
    algorithm: { ContainerEntrypoint: ["python3", "/opt/ml/input/data/code/train.py"] },
    hyperparameters: { seed: at.project.prepare.seed, ...at.project.train.hyperparameters },
    channels: {
      code: get("Parameters.CodeUri"),
      train: outputOf("Prepare", "train"),
      validation: outputOf("Prepare", "validation"),
      features: outputOf("Prepare", "features"),
    },
  };
}

/** SageMaker's script mode, with a program that runs the script and then puts what serves the model beside it. */
function ownScript(at: StageContext, scriptsUri: string): Way {
  const { prepare, train: settings } = at.project;
  const data =
    prepare.script === undefined
      ? {
          train: outputOf("Prepare", "train-table"),
          validation: outputOf("Prepare", "validation-table"),
          // Many scripts ask for SM_CHANNEL_TEST; the rows that the evaluation is made on are not for them.
          test: outputOf("Prepare", "validation-table"),
        }
      : Object.fromEntries((prepare.outputs ?? PREPARED).map((name) => [name, outputOf("PrepareScript", name)]));
  return {
    algorithm: {},
    hyperparameters: {
      ...settings.hyperparameters,
      sagemaker_program: RUNNER,
      sagemaker_submit_directory: `${scriptsUri}sourcedir.tar.gz`,
    },
    environment: { CAUCE_SCRIPT: basename(settings.script ?? "") },
    channels: { ...data, features: outputOf("Prepare", "features"), cauce: get("Parameters.CodeUri") },
  };
}

function channel(name: string, uri: JsonValue): JsonObject {
  return {
    ChannelName: name,
    InputMode: "File",
    DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" } },
  };
}
