import { CauceError } from "#core";
import { assumeModelRole } from "../hosting/roles.ts";
import { type File, findObjects, type S3Session } from "../jobs/download.ts";
import { ended, type Outcome } from "../jobs/job-life.ts";
import { type LogShipper, shipLogs } from "../jobs/log-shipper.ts";
import { makeWorkFolder, type WorkFolder } from "../jobs/work-folder.ts";
import { createAsk } from "./ask-model.ts";
import { BadData } from "./bad-data.ts";
import { readProcessing } from "./data-processing.ts";
import type { TransformRecord } from "./record.ts";
import { DEFAULT_PAYLOAD_MB } from "./request.ts";
import { type ServedModel, serveModel } from "./served-model.ts";
import type { TransformContext, TransformRequest } from "./state.ts";
import { type ObjectPlan, transformObject } from "./transform-object.ts";

export interface TransformRun {
  readonly ctx: TransformContext;
  readonly record: TransformRecord;
  /** Aborted with a `StopCause`. */
  readonly stop: AbortController;
}

/** A transform job from its model to its last output. Whatever happens, it ends in a status that says what. */
export async function runTransform(run: TransformRun): Promise<void> {
  const { ctx, record } = run;
  const outcome = await inWorkFolder(run);
  await record.update({
    status: outcome.status,
    ended: ctx.now().getTime(),
    ...(outcome.status === "Failed" && { failureReason: outcome.reason.slice(0, 1024) }),
  });
}

/** What a container says, and what the service says about the objects. AWS: two streams, the second one ends with data-log. */
interface Logs {
  readonly container: LogShipper;
  readonly data: LogShipper;
}

async function inWorkFolder(run: TransformRun): Promise<Outcome> {
  const { ctx, record, stop } = run;
  await using folder = await makeWorkFolder(ctx.kernel, record.row.id);
  const instance = ctx.kernel.ids.token(17, "0123456789abcdef");
  const stream = `${record.row.request.TransformJobName}/i-${instance}-${Math.floor(ctx.now().getTime() / 1000)}`;
  // A log that cannot be written is told by nothing but itself: the job goes on.
  const open = (name: string) => shipLogs(ctx, "/aws/sagemaker/TransformJobs", name, () => {});
  const logs: Logs = { container: open(stream), data: open(`${stream}/data-log`) };
  try {
    return await transform(run, folder, logs);
  } catch (error) {
    return ended(error, stop.signal);
  } finally {
    await Promise.all([logs.container.close(), logs.data.close()]);
  }
}

async function transform({ ctx, record, stop }: TransformRun, folder: WorkFolder, logs: Logs): Promise<Outcome> {
  const { request } = record.row;
  const { signal } = stop;
  const write = (line: string) => logs.container.write(line);
  const model = await serveModel(ctx, request, { folder: folder.path, write, signal });
  const end = () => void model.engine.stop(0);
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    await record.update({ started: ctx.now().getTime() });
    const { roleArn } = model;
    const session: S3Session = { ctx, role: await assumeModelRole(ctx, roleArn), roleArn, signal };
    // AWS: this form of its lines, as users show them in public.
    const say = (line: string) => logs.data.write(`${ctx.now().toISOString().slice(0, -1)}:[sagemaker logs]: ${line}`);
    const failures = await transformAll(session, request, { model, folder: folder.tmp, say });
    return signal.aborted ? ended(undefined, signal) : toOutcome(failures);
  } finally {
    signal.removeEventListener("abort", end);
    await model.engine.stop(0);
  }
}

interface Surroundings {
  readonly model: ServedModel;
  readonly folder: string;
  /** Writes to the data log. */
  readonly say: (line: string) => void;
}

interface Failures {
  readonly of: number;
  readonly found: { readonly file: File; readonly reason: string; readonly kind: BadData["kind"] }[];
}

/** AWS: an object that fails is left out, the others are transformed. "Batch Transform Errors" in the developer guide. */
async function transformAll(session: S3Session, request: TransformRequest, at: Surroundings): Promise<Failures> {
  const { S3DataType: type, S3Uri: uri = "" } = request.TransformInput.DataSource.S3DataSource ?? {};
  const files = await findObjects(session, { uri, type: type === "ManifestFile" ? "ManifestFile" : "S3Prefix" });
  const lanes = Math.min(at.model.atOnce, files.length);
  const plan = toPlan(session, request, { ...at, lanes });
  const strategy = request.BatchStrategy === "SingleRecord" ? "SINGLE_RECORD" : "MULTI_RECORD";
  const payload = request.MaxPayloadInMB ?? DEFAULT_PAYLOAD_MB;
  at.say(`MaxConcurrentTransforms=${at.model.atOnce}, MaxPayloadInMB=${payload}, BatchStrategy=${strategy}`);
  const found: Failures["found"] = [];
  const waiting = [...files.entries()].toReversed();
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [number, file] = next;
      const failure = await transformObject(plan, file, number).then(
        () => undefined,
        (error: unknown) => whyFailed(error, session.signal),
      );
      if (!failure) continue;
      found.push({ file, ...failure });
      at.say(`${file.bucket}/${file.key}: ${failure.reason}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return { of: files.length, found };
}

/** Small, so that scoring in this process does not keep others waiting; only where it does not show in the answers. */
const NATIVE_BYTES = 2 ** 16;

function toPlan(
  session: S3Session,
  request: TransformRequest,
  { model, folder, lanes }: Pick<Surroundings, "model" | "folder"> & { readonly lanes: number },
): ObjectPlan {
  const { SplitType: split, CompressionType: compression } = request.TransformInput;
  const byLine = split === "Line";
  const most = (request.MaxPayloadInMB ?? DEFAULT_PAYLOAD_MB) * 2 ** 20;
  const processing = readProcessing(request);
  return {
    session,
    folder,
    to: request.TransformOutput.S3OutputPath ?? "",
    gzip: compression === "Gzip",
    window: Math.max(1, Math.floor(model.atOnce / lanes)),
    ask: createAsk({ model, request, processing, signal: session.signal }),
    cutting: {
      byLine,
      single: request.BatchStrategy === "SingleRecord",
      most,
      ...(byLine && model.answersByLine && { wanted: NATIVE_BYTES }),
    },
  };
}

/** What is wrong with one object; everything else ends the job. */
function whyFailed(error: unknown, signal: AbortSignal): { reason: string; kind: BadData["kind"] } {
  signal.throwIfAborted();
  if (error instanceof BadData) return { reason: error.message, kind: error.kind };
  if (error instanceof CauceError && error.explanation.code === "ClientError")
    return { reason: error.explanation.what.replace(/^ClientError: /, ""), kind: "ClientError" };
  throw error;
}

function toOutcome({ of, found: [first, ...more] }: Failures): Outcome {
  if (!first) return { status: "Completed" };
  const { file, kind } = first;
  // AWS: "See job logs for more information" is all that it says.
  const rest = `${more.length + 1} of ${of} objects have no output. See job logs for more information`;
  const reason = `${kind}: ${file.bucket}/${file.key}: ${first.reason}`.slice(0, 1000 - rest.length);
  return { status: "Failed", reason: `${reason} (${rest})` };
}
