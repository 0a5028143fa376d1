import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingRequest } from "./state.ts";

/** AWS: what lies under /opt/ml/input/config. docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container */
export async function writeTrainingFiles(ml: string, request: TrainingRequest): Promise<void> {
  const config = join(ml, "input", "config");
  for (const folder of ["input/config", "input/data", "model", "output/data", "code", "checkpoints"])
    await mkdir(join(ml, folder), { recursive: true });
  const write = (name: string, value: unknown) => writeFile(join(config, name), JSON.stringify(value));
  await Promise.all([
    write("hyperparameters.json", request.HyperParameters ?? {}),
    write("inputdataconfig.json", toInputConfig(request)),
    write("resourceconfig.json", resourceConfig(request.ResourceConfig?.InstanceType ?? "")),
    write("upstreamoutputdataconfig.json", []),
    write("init-config.json", initConfig(request)),
  ]);
}

export function resourceConfig(instanceType: string) {
  return {
    current_host: "algo-1",
    current_instance_type: instanceType,
    current_group_name: "homogeneousCluster",
    hosts: ["algo-1"],
    instance_groups: [{ instance_group_name: "homogeneousCluster", instance_type: instanceType, hosts: ["algo-1"] }],
    network_interface_name: "lo",
  };
}

function toInputConfig(request: TrainingRequest) {
  const channels = (request.InputDataConfig ?? []).map((channel) => [
    channel.ChannelName,
    {
      TrainingInputMode: channel.InputMode ?? request.AlgorithmSpecification.TrainingInputMode,
      S3DistributionType: channel.DataSource.S3DataSource?.S3DataDistributionType ?? "FullyReplicated",
      RecordWrapperType: channel.RecordWrapperType ?? "None",
      ...(channel.ContentType !== undefined && { ContentType: channel.ContentType }),
    },
  ]);
  return Object.fromEntries(channels) as Record<string, unknown>;
}

function initConfig(request: TrainingRequest) {
  return {
    inputMode: request.AlgorithmSpecification.TrainingInputMode,
    channels: toInputConfig(request),
    checkpointChannel: null,
    additionalOutputs: null,
    hostname: "algo-1",
  };
}
