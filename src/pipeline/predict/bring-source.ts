import { createReadStream } from "node:fs";
import { upload } from "#aws";
import { CauceError } from "#core";
import type { Progress } from "../progress.ts";
import { gatherSource } from "../sources/index.ts";
import { parseS3 } from "../sources/s3.ts";
import type { PredictRequest, Run } from "./request.ts";

export interface Brought {
  readonly SourceUri: string;
  readonly SourceName: string;
}

/** Lays the table below the run's own prefix, the only one that the function may read; what lies in S3 is copied there by S3. */
export async function bringSource(run: Run, { data, folder, cache }: PredictRequest): Promise<Brought> {
  const { aws, names, options } = run;
  const started = performance.now();
  let [bytes, sent] = [0, 0];
  const tell = (state: Progress["state"], file?: string) =>
    options.onProgress?.({
      step: "upload",
      state,
      facts: { bytes: bytes + sent, ...(file !== undefined && { file }) },
      elapsed: (performance.now() - started) / 1000,
    });
  const s3 = await aws.s3();
  const source = await gatherSource({ ...data, target: "" }, { folder, cache, aws });
  const key = (...path: readonly string[]) => names.key("predictions", run.id, ...path);
  const model = JSON.stringify(run.serving.features ?? {});
  await s3.putObject({ Bucket: names.bucket, Key: key("model.json"), Body: model, ContentType: "application/json" });
  if (source.uri !== undefined) await copyObjects(run, source.uri, key("source", ""));
  for (const { name, file } of source.files) {
    const to = { bucket: names.bucket, key: key("source", name), body: createReadStream(file) };
    const onProgress = (loaded: number) => {
      sent = loaded;
      tell("running", name);
    };
    await upload(s3, to, { signal: options.signal, onProgress });
    bytes += sent;
    sent = 0;
  }
  tell("done", source.name);
  const [only] = source.files;
  const name = only && !source.folder ? only.name : source.name;
  const SourceUri = `s3://${names.bucket}/${key("source", source.folder ? "" : name)}`;
  return { SourceUri, SourceName: source.name };
}

/** AWS: one copy takes 5 GB at most. CopyObject in the API reference. */
const MOST_COPIED = 5 * 2 ** 30;

async function copyObjects({ aws, names }: Run, uri: string, to: string): Promise<void> {
  const { bucket, key } = parseS3(uri);
  const s3 = await aws.s3();
  const copy = async (from: string) => {
    const CopySource = `${bucket}/${from.split("/").map(encodeURIComponent).join("/")}`;
    await s3.copyObject({ Bucket: names.bucket, Key: `${to}${from.split("/").at(-1)}`, CopySource });
  };
  if (key !== "" && !key.endsWith("/")) {
    const { ContentLength = 0 } = await s3.headObject({ Bucket: bucket, Key: key });
    if (ContentLength > MOST_COPIED) throw tooLarge(uri);
    return copy(key);
  }
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.listObjectsV2({
      Bucket: bucket,
      Prefix: key,
      Delimiter: "/",
      ...(ContinuationToken && { ContinuationToken }),
    });
    for (const { Key = "", Size = 0 } of page.Contents ?? []) if (Size > 0) await copy(Key);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

function tooLarge(uri: string): CauceError {
  return new CauceError({
    code: "SourceTooLarge",
    what: `${uri} cannot be read.`,
    why: "It has more than 5 GB, which S3 does not copy at once.",
    fix: "Split it into several objects of one folder, and give the folder with a slash at its end.",
  });
}
