import { availableParallelism } from "node:os";
import { join } from "node:path";
import { bringModel, deleteModelData } from "../hosting/deploy.ts";
import { type Engine, EngineFailure } from "../hosting/engines/engine.ts";
import { loadEngine } from "../hosting/load-fleet.ts";
import { clientError } from "../jobs/s3-uri.ts";
import type { TransformContext, TransformRequest } from "./state.ts";

export interface ServedModel {
  readonly engine: Engine;
  /** The model's role: it reads the input and writes the output. */
  readonly roleArn: string;
  /** Whether the answers are one line for each record, however many are in a request. */
  readonly answersByLine: boolean;
  /** How many requests it is given at once. */
  readonly atOnce: number;
}

export interface ServedModelOptions {
  readonly folder: string;
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The job's model, ready to answer: natively when it is one of those, else by the image's workers. */
export async function serveModel(
  ctx: TransformContext,
  request: TransformRequest,
  { folder, write, signal }: ServedModelOptions,
): Promise<ServedModel> {
  const model = await bringModel(ctx, request.ModelName, signal);
  const environment = { ...model.environment, ...given(request.Environment), ...batchEnvironment(request) };
  const variant = { ...model, environment, name: request.TransformJobName, weight: 1, instances: 1 };
  try {
    const engine = await loadEngine(ctx, {
      variant,
      folder: join(folder, "model"),
      write,
      signal,
      unhealthy: UNHEALTHY,
    });
    const builtIn = environment["SAGEMAKER_PROGRAM"] === undefined;
    const processors = Math.min(2, availableParallelism());
    return {
      engine,
      roleArn: model.role ?? "",
      answersByLine: builtIn && engine.kind === "native",
      // AWS: 0 or nothing is what the image asks for, else 1; built-in algorithms ask for the number of processors.
      atOnce: request.MaxConcurrentTransforms || (builtIn ? processors : 1),
    };
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    throw clientError(`AlgorithmError: ${error.message}`);
  } finally {
    await deleteModelData(ctx, [model]);
  }
}

const UNHEALTHY = "The container did not pass the ping health check, see job logs for more information.";

/** AWS: "How SageMaker Runs Your Inference Image" with batch transform; what the request leaves out is not there. */
function batchEnvironment(request: TransformRequest): Record<string, string> {
  const { MaxPayloadInMB: payload, BatchStrategy: strategy, MaxConcurrentTransforms: many } = request;
  return {
    SAGEMAKER_BATCH: "true",
    ...(payload !== undefined && { SAGEMAKER_MAX_PAYLOAD_IN_MB: String(payload) }),
    ...(strategy && { SAGEMAKER_BATCH_STRATEGY: strategy === "SingleRecord" ? "SINGLE_RECORD" : "MULTI_RECORD" }),
    ...(many && { SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(many) }),
  };
}

function given(environment: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? ""]));
}
