import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clients } from "#aws";
import type { WatchOptions } from "../progress.ts";
import { parseS3 } from "../sources/s3.ts";

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
