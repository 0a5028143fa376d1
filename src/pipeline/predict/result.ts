import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Clients, isAwsError } from "#aws";
import { CauceError } from "#core";
import type { WatchOptions } from "../progress.ts";
import { parseS3 } from "../sources/s3.ts";

/** Looks whether there is a bucket to write to, before anything is predicted. */
export async function requireBucket(aws: Clients, out: string): Promise<void> {
  if (!out.startsWith("s3://")) return;
  const { bucket: Bucket } = parseS3(out);
  try {
    await (await aws.s3()).headBucket({ Bucket });
  } catch (error) {
    // Who may write there need not be allowed to look.
    if (!isAwsError(error, "NotFound", "NoSuchBucket")) return;
    throw new CauceError({
      code: "OutputUnwritable",
      what: `Predictions cannot be written to ${out}.`,
      why: `There is no bucket ${Bucket}.`,
      fix: "Name another file with -o.",
    });
  }
}

/** Brings the finished file to where it was asked for: whole, or not at all. */
export async function fetchResult(aws: Clients, uri: string, out: string, { signal }: WatchOptions): Promise<void> {
  const s3 = await aws.s3();
  const { bucket, key } = parseS3(uri);
  if (out.startsWith("s3://")) {
    const to = parseS3(out);
    await s3.copyObject({ Bucket: to.bucket, Key: to.key, CopySource: `${bucket}/${key}` });
    return;
  }
  const unfinished = join(dirname(out), `.${basename(out)}.unfinished`);
  try {
    const { Body } = await s3.getObject({ Bucket: bucket, Key: key });
    await pipeline(Body as Readable, createWriteStream(unfinished), { ...(signal && { signal }) });
    await rename(unfinished, out);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
