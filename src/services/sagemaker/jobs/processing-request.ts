import type { InputOf } from "#kernel";
import { notBuilt, validation } from "../faults.ts";
import type { ProcessingRequest } from "./state.ts";
import { assertS3 } from "./training-request.ts";

type Request = InputOf<"sagemaker", "CreateProcessingJob">;
type Input = NonNullable<Request["ProcessingInputs"]>[number];
type Output = NonNullable<NonNullable<Request["ProcessingOutputConfig"]>["Outputs"]>[number];

/** The request as a job needs it. What AWS refuses at once, and what is not built here, is said before anything is made. */
export function requireProcessable(input: Request): ProcessingRequest {
  const { Tags: _, ...request } = input;
  if ((request.ProcessingResources.ClusterConfig.InstanceCount ?? 1) > 1)
    throw notBuilt("processing on more than one instance");
  if (request.AppSpecification.ContainerEntrypoint === undefined) {
    throw notBuilt(
      "processing without ContainerEntrypoint in AppSpecification (an image here has no program of its own for processing)",
    );
  }
  for (const one of request.ProcessingInputs ?? []) assertInput(one);
  for (const one of request.ProcessingOutputConfig?.Outputs ?? []) assertOutput(one);
  assertUnique(
    (request.ProcessingInputs ?? []).map(({ InputName }) => InputName ?? ""),
    "ProcessingInputs",
  );
  assertUnique(
    (request.ProcessingOutputConfig?.Outputs ?? []).map(({ OutputName }) => OutputName ?? ""),
    "ProcessingOutputConfig",
  );
  return request;
}

function assertInput({ InputName: name, S3Input: input }: Input): void {
  if (input === undefined) throw notBuilt(`inputs that are not in S3 (input ${name})`);
  if (input.S3InputMode === "Pipe") throw notBuilt(`Pipe mode (input ${name}: use File)`);
  assertS3(input.S3Uri ?? "");
  assertLocal(input.LocalPath ?? "");
}

function assertOutput({ OutputName: name, S3Output: output, FeatureStoreOutput: store }: Output): void {
  if (output === undefined || store !== undefined) throw notBuilt(`outputs that do not go to S3 (output ${name})`);
  if (output.S3UploadMode === "Continuous") throw notBuilt(`S3UploadMode Continuous (output ${name}: use EndOfJob)`);
  assertS3(output.S3Uri ?? "");
  assertLocal(output.LocalPath ?? "");
}

/** AWS: "must start with /opt/ml/processing/". ProcessingS3Input in the API reference. */
function assertLocal(path: string): void {
  const inside = path === "/opt/ml/processing" || path.startsWith("/opt/ml/processing/");
  if (!inside || path.split("/").includes(".."))
    throw validation(`LocalPath '${path}' is not valid: it must start with /opt/ml/processing/.`);
}

function assertUnique(names: readonly string[], where: string): void {
  if (new Set(names).size < names.length) throw validation(`Names must be unique in ${where}.`);
}
