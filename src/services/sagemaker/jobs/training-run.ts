import { join } from "node:path";
import { messageOf } from "#core";
import type { AssumedRole, ProcessEnd } from "#kernel";
import { extractArchive, type Runtime } from "../compute/index.ts";
import { runContainer } from "./container.ts";
import { download, downloadObject, type S3Session } from "./download.ts";
import { describeFailure, readNote } from "./failure-reason.ts";
import { ended, type Outcome, watched } from "./job-life.ts";
import { type LogShipper, shipLogs } from "./log-shipper.ts";
import { providePackages, provideRuntime } from "./provide-runtime.ts";
import type { JobContext } from "./state.ts";
import { writeTrainingFiles } from "./training-files.ts";
import { readMetrics } from "./training-metrics.ts";
import type { TrainingRecord } from "./training-record.ts";
import { DEFAULT_MAX_RUNTIME, modelAddress, outputPrefix } from "./training-views.ts";
import { uploadArchive } from "./upload.ts";
import { makeWorkFolder, type WorkFolder } from "./work-folder.ts";

export interface TrainingRun {
  readonly ctx: JobContext;
  readonly record: TrainingRecord;
  readonly role: AssumedRole;
  /** Aborted with a `StopCause`. */
  readonly stop: AbortController;
}

/** A training job from its first phase to its last. Whatever happens, it ends in a status that says what. */
export async function runTraining(run: TrainingRun): Promise<void> {
  // What waits for the end finds nothing of the job on the disk any more.
  const outcome = await inWorkFolder(run);
  await conclude(run, outcome);
}

async function inWorkFolder(run: TrainingRun): Promise<Outcome> {
  const { ctx, record } = run;
  await using folder = await makeWorkFolder(ctx.kernel, record.row.id);
  const stream = `${record.row.request.TrainingJobName}/algo-1-${Math.floor(ctx.now().getTime() / 1000)}`;
  const logs = shipLogs(ctx, "/aws/sagemaker/TrainingJobs", stream, (error) =>
    record.explain(`The log could not be written: ${messageOf(error)}`),
  );
  try {
    return await train(run, folder, logs);
  } catch (error) {
    return ended(error, run.stop.signal);
  } finally {
    await logs.close();
  }
}

async function train(run: TrainingRun, folder: WorkFolder, logs: LogShipper): Promise<Outcome> {
  const { ctx, record, role, stop } = run;
  const { request } = record.row;
  const session: S3Session = { ctx, role, roleArn: request.RoleArn, signal: stop.signal };
  await record.enter("Downloading", "Downloading the training image");
  const runtime = await provideRuntime(ctx, request.AlgorithmSpecification.TrainingImage ?? "", {
    logs,
    explain: record.explain,
    signal: stop.signal,
  });
  record.explain("Downloading input data");
  await Promise.all([
    writeTrainingFiles(folder.ml, request),
    bringChannels(session, request.InputDataConfig ?? [], folder),
  ]);
  const script = await bringCode(session, request.HyperParameters ?? {}, folder);
  const packages = await providePackages(ctx, runtime, script, {
    logs,
    explain: record.explain,
    signal: stop.signal,
    network: request.EnableNetworkIsolation !== true,
  });
  await record.enter("Training", "Training image download completed. Training in progress.", {
    started: ctx.now().getTime(),
  });
  const { end, lines } = await execute(run, { runtime, packages, folder, logs });
  const code = "exitCode" in end ? end.exitCode : 1;
  const stopped = stop.signal.aborted;
  if (!stopped && code !== 0)
    return { status: "Failed", reason: describeFailure(end, await readNote(folder.ml, "failure", 1024), lines) };
  if (stop.signal.reason === "shutdown") return ended(undefined, stop.signal);
  if (!stopped) await record.enter("Uploading", "Uploading generated training model");
  await uploadResults({ ...session, signal: new AbortController().signal }, run, folder);
  return stopped ? ended(undefined, stop.signal) : { status: "Completed" };
}

async function execute(
  run: TrainingRun,
  at: { runtime: Runtime; packages: string | undefined; folder: WorkFolder; logs: LogShipper },
): Promise<{ end: ProcessEnd; lines: string[] }> {
  const { ctx, record, role, stop } = run;
  const { request, arn } = record.row;
  const {
    ContainerEntrypoint: entrypoint,
    ContainerArguments: args,
    MetricDefinitions: definitions,
  } = request.AlgorithmSpecification;
  const metrics = readMetrics(
    definitions,
    entrypoint === undefined && request.HyperParameters?.["sagemaker_program"] === undefined,
  );
  const lines: string[] = [];
  using _limit = watched(stop, request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME);
  const end = await runContainer(ctx, {
    runtime: at.runtime,
    packages: at.packages,
    folder: at.folder,
    program: entrypoint === undefined ? "train" : [...entrypoint, ...(args ?? [])],
    environment: {
      ...(request.Environment as Record<string, string> | undefined),
      TRAINING_JOB_NAME: request.TrainingJobName,
      TRAINING_JOB_ARN: arn,
    },
    role,
    network: request.EnableNetworkIsolation !== true,
    signal: stop.signal,
    onLine(line) {
      at.logs.write(line);
      metrics.read(line, ctx.now().getTime());
      lines.push(line);
      if (lines.length > 200) lines.splice(0, 100);
    },
  });
  record.update({ metrics: metrics.found() });
  return { end, lines };
}

type Channels = NonNullable<TrainingRecord["row"]["request"]["InputDataConfig"]>;

async function bringChannels(session: S3Session, channels: Channels, folder: WorkFolder): Promise<void> {
  for (const { ChannelName: name = "", DataSource: source, CompressionType: compression } of channels) {
    await download(session, {
      uri: source.S3DataSource?.S3Uri ?? "",
      type: source.S3DataSource?.S3DataType === "ManifestFile" ? "ManifestFile" : "S3Prefix",
      gzip: compression === "Gzip",
      folder: join(folder.ml, "input", "data", name),
    });
  }
}

/** Script mode's code, and where it lies. AWS: the container fetches it itself; here the service does, with the same role. */
async function bringCode(
  session: S3Session,
  hyperparameters: Readonly<Record<string, string | undefined>>,
  folder: WorkFolder,
): Promise<string | undefined> {
  const uri = hyperparameters["sagemaker_submit_directory"]?.replaceAll('"', "");
  if (uri?.startsWith("/opt/ml/")) return join(folder.ml, uri.slice("/opt/ml/".length));
  if (!uri?.startsWith("s3://")) return undefined;
  const archive = join(folder.path, "sourcedir.tar.gz");
  await downloadObject(session, uri, archive);
  const code = join(folder.ml, "code");
  await extractArchive(archive, code);
  return code;
}

async function uploadResults(session: S3Session, { record }: TrainingRun, folder: WorkFolder): Promise<void> {
  const uri = modelAddress(record.row);
  if (await uploadArchive(session, join(folder.ml, "model"), { archive: join(folder.path, "model.tar.gz"), uri }))
    record.update({ model: uri });
  // AWS: what is in output/data arrives as output.tar.gz. "How Amazon SageMaker processes training output".
  const output = `${outputPrefix(record.row)}/output/output.tar.gz`;
  await uploadArchive(session, join(folder.ml, "output", "data"), {
    archive: join(folder.path, "output.tar.gz"),
    uri: output,
  });
}

async function conclude({ ctx, record }: TrainingRun, outcome: Outcome): Promise<void> {
  const now = ctx.now().getTime();
  const times = {
    ended: now,
    ...(record.row.started === undefined && outcome.status !== "Failed" && { started: now }),
  };
  if (outcome.status === "Completed")
    await record.enter("Completed", "Training job completed", { status: "Completed", ...times });
  else if (outcome.status === "Failed") {
    await record.enter("Failed", "Training job failed", { status: "Failed", failureReason: outcome.reason, ...times });
  } else if (outcome.timedOut)
    await record.enter("MaxRuntimeExceeded", "Training job runtime exceeded MaxRuntimeInSeconds provided", {
      status: "Stopped",
      ...times,
    });
  else await record.enter("Stopped", "Training job stopped", { status: "Stopped", ...times });
}
