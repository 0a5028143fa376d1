import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AssumedRole, ProcessEnd } from "#kernel";
import { listPackages, type Runtime } from "../compute/index.ts";
import { runContainer } from "./container.ts";
import { download, type S3Session } from "./download.ts";
import { describeFailure, readNote } from "./failure-reason.ts";
import { ended, type Outcome, watched } from "./job-life.ts";
import { type LogShipper, shipLogs } from "./log-shipper.ts";
import { DEFAULT_MAX_RUNTIME, type ProcessingRecord } from "./processing-record.ts";
import { providePackages, provideRuntime } from "./provide-runtime.ts";
import type { JobContext, ProcessingRequest } from "./state.ts";
import { resourceConfig } from "./training-files.ts";
import { uploadFolder } from "./upload.ts";
import { makeWorkFolder, type WorkFolder } from "./work-folder.ts";

export interface ProcessingRun {
  readonly ctx: JobContext;
  readonly record: ProcessingRecord;
  readonly role: AssumedRole;
  /** Aborted with a `StopCause`. */
  readonly stop: AbortController;
}

/** A processing job from its inputs to its outputs. Whatever happens, it ends in a status that says what. */
export async function runProcessing(run: ProcessingRun): Promise<void> {
  const { ctx, record } = run;
  // What waits for the end finds nothing of the job on the disk any more.
  const { outcome, exitMessage } = await inWorkFolder(run);
  const { started = ctx.now().getTime() } = record.row;
  await record.update({
    status: outcome.status,
    started,
    ended: ctx.now().getTime(),
    ...(exitMessage !== "" && { exitMessage }),
    ...(outcome.status === "Failed" && { failureReason: outcome.reason }),
  });
}

async function inWorkFolder(run: ProcessingRun): Promise<{ outcome: Outcome; exitMessage: string }> {
  const { ctx, record } = run;
  await using folder = await makeWorkFolder(ctx.kernel, record.row.id);
  const stream = `${record.row.request.ProcessingJobName}/algo-1-${Math.floor(ctx.now().getTime() / 1000)}`;
  // A log that cannot be written is told by nothing but itself: the job goes on.
  const logs = shipLogs(ctx, "/aws/sagemaker/ProcessingJobs", stream, () => {});
  let outcome: Outcome;
  try {
    outcome = await process(run, folder, logs);
  } catch (error) {
    outcome = ended(error, run.stop.signal);
  } finally {
    await logs.close();
  }
  return { outcome, exitMessage: await readNote(folder.ml, "message", 1024) };
}

async function process(run: ProcessingRun, folder: WorkFolder, logs: LogShipper): Promise<Outcome> {
  const { ctx, record, role, stop } = run;
  const { request, arn } = record.row;
  const session: S3Session = { ctx, role, roleArn: request.RoleArn, signal: stop.signal };
  const runtime = await provideRuntime(ctx, request.AppSpecification.ImageUri ?? "", {
    logs,
    explain: () => {},
    signal: stop.signal,
  });
  await Promise.all([writeFiles(folder.ml, request, arn), bringInputs(session, request, folder)]);
  const readyPackages = await provideReady(run, runtime, { folder, logs });
  await record.update({ started: ctx.now().getTime() });
  const { end, lines } = await execute(run, { runtime, readyPackages, folder, logs });
  if (stop.signal.aborted) return ended(undefined, stop.signal);
  if (!("exitCode" in end) || end.exitCode !== 0) {
    return { status: "Failed", reason: describeFailure(end, await readNote(folder.ml, "message", 1024), lines) };
  }
  for (const { S3Output: output } of request.ProcessingOutputConfig?.Outputs ?? []) {
    await uploadFolder(session, inFolder(folder.ml, output?.LocalPath ?? ""), output?.S3Uri ?? "");
  }
  return { status: "Completed" };
}

/** A project's own scripts install what they name themselves, as they must on AWS: here they find it made, and need no network again. */
async function provideReady(
  { ctx, record, stop }: ProcessingRun,
  runtime: Runtime,
  { folder, logs }: { readonly folder: WorkFolder; readonly logs: LogShipper },
): Promise<Readonly<Record<string, string>>> {
  const { request } = record.row;
  const inputs = request.Environment?.["CAUCE_SCRIPT"] === undefined ? [] : (request.ProcessingInputs ?? []);
  for (const { S3Input: input } of inputs) {
    await providePackages(ctx, runtime, inFolder(folder.ml, input?.LocalPath ?? ""), {
      logs,
      explain: () => {},
      signal: stop.signal,
      network: request.NetworkConfig?.EnableNetworkIsolation !== true,
    });
  }
  return listPackages(ctx.kernel.settings, runtime);
}

async function execute(
  run: ProcessingRun,
  at: { runtime: Runtime; readyPackages: Readonly<Record<string, string>>; folder: WorkFolder; logs: LogShipper },
): Promise<{ end: ProcessEnd; lines: string[] }> {
  const { ctx, record, role, stop } = run;
  const { request, arn } = record.row;
  const { ContainerEntrypoint: entrypoint = [], ContainerArguments: args = [] } = request.AppSpecification;
  const lines: string[] = [];
  using _limit = watched(stop, request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME);
  const end = await runContainer(ctx, {
    runtime: at.runtime,
    readyPackages: at.readyPackages,
    folder: at.folder,
    program: [...entrypoint, ...args],
    environment: {
      ...(request.Environment as Record<string, string> | undefined),
      PROCESSING_JOB_NAME: request.ProcessingJobName,
      PROCESSING_JOB_ARN: arn,
    },
    role,
    network: request.NetworkConfig?.EnableNetworkIsolation !== true,
    signal: stop.signal,
    onLine(line) {
      at.logs.write(line);
      lines.push(line);
      if (lines.length > 200) lines.splice(0, 100);
    },
  });
  return { end, lines };
}

/** AWS: /opt/ml/config, and the folders of inputs and outputs, which are mounted there. "Build your own processing container". */
async function writeFiles(ml: string, request: ProcessingRequest, arn: string): Promise<void> {
  await mkdir(join(ml, "config"), { recursive: true });
  await mkdir(join(ml, "output"), { recursive: true });
  const paths = [
    ...(request.ProcessingInputs ?? []).map((input) => input.S3Input?.LocalPath),
    ...(request.ProcessingOutputConfig?.Outputs ?? []).map((output) => output.S3Output?.LocalPath),
  ];
  for (const path of paths) await mkdir(inFolder(ml, path ?? ""), { recursive: true });
  const config = { ProcessingJobArn: arn, ...request, Environment: request.Environment ?? {} };
  const instance = request.ProcessingResources.ClusterConfig.InstanceType ?? "";
  await writeFile(join(ml, "config", "processingjobconfig.json"), JSON.stringify(config));
  await writeFile(join(ml, "config", "resourceconfig.json"), JSON.stringify(resourceConfig(instance)));
}

async function bringInputs(session: S3Session, request: ProcessingRequest, folder: WorkFolder): Promise<void> {
  for (const { S3Input: input } of request.ProcessingInputs ?? []) {
    await download(session, {
      uri: input?.S3Uri ?? "",
      type: input?.S3DataType === "ManifestFile" ? "ManifestFile" : "S3Prefix",
      gzip: input?.S3CompressionType === "Gzip",
      folder: inFolder(folder.ml, input?.LocalPath ?? ""),
    });
  }
}

/** A path of the container, on this machine. The request was checked: it lies below /opt/ml. */
function inFolder(ml: string, path: string): string {
  return join(ml, path.slice("/opt/ml".length));
}
