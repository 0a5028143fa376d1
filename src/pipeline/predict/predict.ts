import { accountOf, type Target, withClients } from "#aws";
import { randomIds, systemClock } from "#core";
import { namesOf } from "../names.ts";
import type { WatchOptions } from "../progress.ts";
import { askBatch, type ReadAnswer, type WriteAnswer } from "./ask-batch.ts";
import { bringSource } from "./bring-source.ts";
import { removeRun, stampOf, sweepRuns } from "./remove-run.ts";
import { fetchResult, requireBucket } from "./result.ts";
import type { PredictRequest, Run } from "./request.ts";
import { readServing } from "./serving.ts";
import { runTransform } from "./transform.ts";

export interface Prediction {
  readonly out: string;
  readonly rows: number;
  /** Rows without a prediction; the column `error` says why. */
  readonly errors: number;
  readonly firstError?: string;
  readonly added: readonly string[];
  /** Of classes, where the table has the target: how many of its values are what was predicted. */
  readonly agreement?: WriteAnswer["agreement"];
  readonly bytes: number;
  readonly notes: readonly string[];
  readonly job: string;
  readonly seconds: number;
}

/**
 * A whole table's predictions, by a batch transform job with the model that the endpoint serves. What it lays into the bucket goes when
 * it is done, however it ends.
 */
export async function predictRows(
  target: Target,
  project: string,
  request: PredictRequest,
  options: WatchOptions,
): Promise<Prediction> {
  const started = performance.now();
  return withClients(target, async (aws) => {
    const names = namesOf(project, { account: await accountOf(target, aws), region: target.region });
    const serving = await readServing(aws, names);
    await requireBucket(aws, request.out);
    await sweepRuns(aws, names);
    const id = `${stampOf(systemClock.now())}-${randomIds.token(6)}`;
    const run: Run = { aws, names, serving, id, uri: names.uri("predictions", id), options };
    try {
      const { read, written, job } = await predictRun(run, request);
      await fetchResult(aws, written.uri, request.out, options);
      const { rows, errors, firstError, added, bytes, agreement } = written;
      const seconds = (performance.now() - started) / 1000;
      const notes = read.notes.length === 0 ? [] : [`Table read as: ${read.how.join(", ")}.`, ...read.notes];
      return {
        out: request.out,
        rows,
        errors,
        ...(firstError !== undefined && { firstError }),
        ...(agreement && { agreement }),
        added,
        bytes,
        notes,
        job,
        seconds,
      };
    } finally {
      await removeRun(aws, names, run.id);
    }
  });
}

async function predictRun(
  run: Run,
  request: PredictRequest,
): Promise<{ readonly read: ReadAnswer; readonly written: WriteAnswer; readonly job: string }> {
  const { data, format } = request;
  const source = await bringSource(run, request);
  const read = await askBatch<ReadAnswer>(run, "read", {
    ...source,
    ...run.serving.reading,
    Format: format,
    Header: data.header ?? true,
    ...(data.sheet !== undefined && { Sheet: data.sheet }),
  });
  const job = read.parts === 0 ? undefined : await runTransform(run, read);
  const written = await askBatch<WriteAnswer>(run, "write", {
    Format: format,
    ...(job?.failureReason !== undefined && { FailureReason: job.failureReason }),
  });
  return { read, written, job: job?.name ?? "" };
}
