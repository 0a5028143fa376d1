import type { InputOf } from "#kernel";
import { notBuilt, validation } from "../faults.ts";
import { parseS3Uri } from "./s3-uri.ts";
import type { TrainingRequest } from "./state.ts";

type Request = InputOf<"sagemaker", "CreateTrainingJob">;
type Channel = NonNullable<Request["InputDataConfig"]>[number];

/** The request as a job needs it. What AWS refuses at once, and what is not built here, is said before anything is made. */
export function requireTrainable(input: Request): TrainingRequest {
  const { Tags: _, AlgorithmSpecification: algorithm, ...request } = input;
  if (algorithm === undefined)
    throw notBuilt("serverless training jobs (CreateTrainingJob without AlgorithmSpecification)");
  if (algorithm.AlgorithmName !== undefined)
    throw notBuilt("AlgorithmName in AlgorithmSpecification (use TrainingImage)");
  if (algorithm.TrainingImage === undefined) {
    throw validation("You must specify either TrainingImage or AlgorithmName in AlgorithmSpecification.");
  }
  assertBuilt(input);
  assertS3(request.OutputDataConfig?.S3OutputPath ?? "");
  for (const { Regex } of algorithm.MetricDefinitions ?? []) assertRegex(Regex ?? "");
  const names = (request.InputDataConfig ?? []).map(({ ChannelName }) => ChannelName);
  if (new Set(names).size < names.length) throw validation("Channel names must be unique in InputDataConfig.");
  for (const channel of request.InputDataConfig ?? []) assertChannel(channel);
  return { ...request, AlgorithmSpecification: algorithm };
}

function assertBuilt(request: Request): void {
  const { ContainerEntrypoint: entrypoint, ContainerArguments: args } = request.AlgorithmSpecification ?? {};
  if (args !== undefined && entrypoint === undefined) throw notBuilt("ContainerArguments without ContainerEntrypoint");
  if (request.AlgorithmSpecification?.TrainingInputMode === "Pipe") throw notBuilt("Pipe mode (use File or FastFile)");
  if ((request.ResourceConfig?.InstanceCount ?? 1) > 1) throw notBuilt("training on more than one instance");
  if (request.ResourceConfig?.InstanceGroups !== undefined) throw notBuilt("InstanceGroups in ResourceConfig");
  if (request.CheckpointConfig !== undefined) throw notBuilt("CheckpointConfig");
}

function assertChannel(channel: Channel): void {
  const { ChannelName: name, InputMode: mode, DataSource: source, RecordWrapperType: wrapper } = channel;
  if (mode === "Pipe") throw notBuilt(`Pipe mode (channel ${name}: use File or FastFile)`);
  if (source.S3DataSource === undefined) throw notBuilt(`channels that are not in S3 (channel ${name})`);
  if (source.S3DataSource.S3DataType === "AugmentedManifestFile")
    throw notBuilt(`augmented manifests (channel ${name})`);
  if (wrapper !== undefined && wrapper !== "None") throw notBuilt(`RecordWrapperType ${wrapper} (channel ${name})`);
  assertS3(source.S3DataSource.S3Uri ?? "");
}

export function assertS3(uri: string): void {
  if (parseS3Uri(uri) === undefined)
    throw validation(`The value '${uri}' is not a valid S3 URI: s3://bucket/key was expected.`);
}

function assertRegex(text: string): void {
  try {
    new RegExp(text);
  } catch {
    throw validation(`The regular expression '${text}' in MetricDefinitions is not valid.`);
  }
}
