import { poll } from "#aws";
import { CauceError } from "#core";
import type { Progress } from "../progress.ts";
import type { ReadAnswer } from "./ask-batch.ts";
import { countRows } from "./count-rows.ts";
import type { Run } from "./request.ts";
import { jobPrefix } from "./remove-run.ts";

export interface Transformed {
  readonly name: string;
  /** Of a job that did not answer everything. */
  readonly failureReason?: string;
}

/** Every object below `<run>/in/` is one request, its answer an object below `<run>/out/`. */
export async function runTransform(run: Run, { rows, refused }: ReadAnswer): Promise<Transformed> {
  const { aws, names, options, serving } = run;
  const sagemaker = await aws.sagemaker();
  const started = performance.now();
  const total = rows - refused;
  const tell = (state: Progress["state"], facts: Progress["facts"] = {}) =>
    options.onProgress?.({
      step: "predict",
      state,
      facts: { ofRows: total, ...facts },
      elapsed: (performance.now() - started) / 1000,
    });
  const TransformJobName = `${jobPrefix(names.endpoint)}${run.id}`;
  await sagemaker.createTransformJob({
    TransformJobName,
    ModelName: serving.model,
    // A bad request is answered with why, and the endpoint is asked about its rows: to repeat it changes nothing.
    ModelClientConfig: { InvocationsMaxRetries: 1, InvocationsTimeoutInSeconds: 600 },
    MaxConcurrentTransforms: 4,
    MaxPayloadInMB: 6,
    BatchStrategy: "SingleRecord",
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `${run.uri}/in/` } },
      ContentType: "application/json",
      SplitType: "None",
    },
    TransformOutput: { S3OutputPath: `${run.uri}/out`, Accept: "application/json", AssembleWith: "None" },
    TransformResources: { InstanceType: serving.instanceType as never, InstanceCount: 1 },
    Tags: [{ Key: "cauce:project", Value: names.stack }],
  });
  tell("running");
  const watching = new AbortController();
  const watched = countRows(run, "out", { signal: watching.signal, onRows: (done) => tell("running", { rows: done }) });
  try {
    const job = await poll(
      () => sagemaker.describeTransformJob({ TransformJobName }),
      ({ TransformJobStatus: status }) => status !== "InProgress" && status !== "Stopping",
      { signal: options.signal },
    );
    if (job.TransformJobStatus === "Stopped") throw stopped(TransformJobName);
    tell("done", { rows: total });
    const failed = job.TransformJobStatus === "Failed";
    return { name: TransformJobName, ...(failed && { failureReason: job.FailureReason ?? "" }) };
  } catch (error) {
    tell("failed");
    await sagemaker.stopTransformJob({ TransformJobName }).catch(() => {});
    throw error;
  } finally {
    watching.abort();
    await watched;
  }
}

function stopped(job: string): CauceError {
  return new CauceError({
    code: "Stopped",
    what: `The transform job ${job} was stopped.`,
    why: "Somebody asked for it.",
    fix: "Run `cauce predict` again.",
  });
}
