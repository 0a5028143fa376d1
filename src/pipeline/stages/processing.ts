import type { JsonObject, JsonValue } from "#core";
import { CACHED, get, join, RETRIED, type Step } from "../definition.ts";
import type { StageContext } from "./stage.ts";

const ROOT = "/opt/ml/processing";

export interface ProcessingStep {
  readonly name: string;
  /** The file of the code prefix that is run. */
  readonly script: string;
  /** The parameter of the pipeline that says where its `settings.json` lies. */
  readonly settings: string;
  /** Folder name → S3 address. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Folder names. */
  readonly outputs: readonly string[];
  readonly propertyFiles?: Step["PropertyFiles"];
}

/** A Processing step that runs one of our Python files; every input and output is a folder of its own. */
export function processingStep(at: StageContext, step: ProcessingStep): Step {
  const inputs = { code: get("Parameters.CodeUri"), settings: get(`Parameters.${step.settings}`), ...step.inputs };
  return {
    Name: step.name,
    Type: "Processing",
    Arguments: {
      ProcessingResources: {
        ClusterConfig: { InstanceCount: 1, InstanceType: at.project.train.type, VolumeSizeInGB: 30 },
      },
      AppSpecification: { ImageUri: at.image, ContainerEntrypoint: ["python3", `${ROOT}/input/code/${step.script}`] },
      RoleArn: roleArn(at, step.name.toLowerCase()),
      ProcessingInputs: Object.entries(inputs).map(([name, uri]) => input(name, uri)),
      ProcessingOutputConfig: { Outputs: step.outputs.map((name) => output(at, step.name.toLowerCase(), name)) },
      StoppingCondition: { MaxRuntimeInSeconds: at.project.train.maxMinutes * 60 },
    },
    ...(step.propertyFiles && { PropertyFiles: step.propertyFiles }),
    CacheConfig: CACHED,
    RetryPolicies: RETRIED,
  };
}

export interface ScriptStep {
  readonly name: string;
  readonly role: string;
  /** What is run, and the script that it is to run. */
  readonly program: string;
  readonly script: string;
  /** Folder of the container → S3 address. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Folders below /opt/ml/processing. */
  readonly outputs: readonly string[];
}

/** A Processing step that runs a script of the project's own, with folders where such scripts have them. */
export function scriptStep(at: StageContext, step: ScriptStep): Step {
  return {
    Name: step.name,
    Type: "Processing",
    Arguments: {
      ProcessingResources: {
        ClusterConfig: { InstanceCount: 1, InstanceType: at.project.train.type, VolumeSizeInGB: 30 },
      },
      AppSpecification: { ImageUri: at.image, ContainerEntrypoint: ["python3", step.program] },
      Environment: { CAUCE_SCRIPT: step.script },
      RoleArn: roleArn(at, step.role),
      ProcessingInputs: Object.entries(step.inputs).map(([path, uri], i) => input(`input-${i + 1}`, uri, path)),
      ProcessingOutputConfig: {
        Outputs: step.outputs.map((name) => output(at, step.name.toLowerCase(), name, `${ROOT}/${name}`)),
      },
      StoppingCondition: { MaxRuntimeInSeconds: at.project.train.maxMinutes * 60 },
    },
    CacheConfig: CACHED,
    RetryPolicies: RETRIED,
  };
}

export function roleArn(at: StageContext, of: string): string {
  return `arn:${at.names.partition}:iam::${at.place.account}:role/${at.names.role(of)}`;
}

function input(name: string, uri: JsonValue, path = `${ROOT}/input/${name}`): JsonObject {
  return {
    InputName: name,
    AppManaged: false,
    S3Input: {
      S3Uri: uri,
      LocalPath: path,
      S3DataType: "S3Prefix",
      S3InputMode: "File",
      S3DataDistributionType: "FullyReplicated",
    },
  };
}

function output(at: StageContext, step: string, name: string, path = `${ROOT}/output/${name}`): JsonObject {
  return {
    OutputName: name,
    AppManaged: false,
    // The execution's id keeps runs apart; AWS leaves outputs out of what it compares when it caches.
    S3Output: {
      S3Uri: join("/", at.names.uri("runs"), get("Execution.PipelineExecutionId"), step, name),
      LocalPath: path,
      S3UploadMode: "EndOfJob",
    },
  };
}
