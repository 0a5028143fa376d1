import { stat } from "node:fs/promises";
import { type Clients, isAwsError, ONE_REQUEST, uploadFile } from "#aws";
import type { AssetObject } from "./assets.ts";
import { ensureBucket } from "./bucket.ts";
import type { Place } from "./names.ts";
import type { WatchOptions } from "./progress.ts";

interface Upload {
  readonly bucket: string;
  readonly place: Place;
  /** The bucket is told to encrypt, to keep versions, to want TLS. */
  readonly secure?: boolean | undefined;
  readonly objects: readonly AssetObject[];
}

/** Makes the bucket when there is none, and puts into it what is not there yet. Answers how many objects were put. */
export async function uploadAssets(aws: Clients, made: Upload, options: WatchOptions): Promise<number> {
  for (let left = 3; ; left--) {
    try {
      return await putMissing(aws, made, options);
    } catch (error) {
      // The last other project was destroyed meanwhile, and the bucket, empty, with it.
      if (left === 0 || !isAwsError(error, "NoSuchBucket")) throw error;
    }
  }
}

/** What is put, and how much it is. */
interface Missing {
  readonly object: AssetObject;
  readonly content: Awaited<ReturnType<AssetObject["content"]>>;
  readonly size: number;
}

async function putMissing(aws: Clients, made: Upload, options: WatchOptions): Promise<number> {
  const start = performance.now();
  const { bucket } = made;
  await ensureBucket(aws, made);
  const missing = await measured(await missingOf(aws, bucket, made.objects), options);
  const ofBytes = missing.reduce((sum, { size }) => sum + size, 0);
  const sent = new Map<AssetObject, number>();
  let bytes = 0;
  const report = (state: "running" | "done" | "cached", file?: string) => {
    const facts = { bytes, ...(file !== undefined && { file, ofBytes }), ...(!file && { files: missing.length }) };
    options.onProgress?.({ step: "upload", state, facts, elapsed: (performance.now() - start) / 1000 });
  };
  const put = async (one: Missing) => {
    options.signal?.throwIfAborted();
    report("running", one.object.name);
    await putOne(aws, bucket, one, {
      signal: options.signal,
      onProgress(loaded) {
        bytes += loaded - (sent.get(one.object) ?? 0);
        sent.set(one.object, loaded);
        report("running", one.object.name);
      },
    });
  };
  await inPool(
    missing.filter(({ size }) => size <= ONE_REQUEST),
    put,
  );
  // One after another: the parts of each go at the same time.
  for (const one of missing.filter(({ size }) => size > ONE_REQUEST)) await put(one);
  report(missing.length > 0 ? "done" : "cached");
  return missing.length;
}

async function putOne(
  aws: Clients,
  bucket: string,
  { object: { key }, content, size }: Missing,
  options: Parameters<typeof uploadFile>[2] & object,
): Promise<void> {
  const s3 = await aws.s3();
  if ("file" in content) return uploadFile(s3, { bucket, key, file: content.file }, options);
  const abort = options.signal ? { abortSignal: options.signal } : {};
  await s3.putObject({ Bucket: bucket, Key: key, Body: content.text }, abort);
  options.onProgress?.(size);
}

const AT_ONCE = 4;

async function inPool<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Makes what is not there, so that the sum of it is known before the first byte goes. */
async function measured(
  objects: readonly AssetObject[],
  { signal }: Pick<WatchOptions, "signal">,
): Promise<readonly Missing[]> {
  const all: Missing[] = [];
  for (const object of objects) {
    signal?.throwIfAborted();
    const content = await object.content();
    const size = "file" in content ? (await stat(content.file)).size : Buffer.byteLength(content.text);
    all.push({ object, content, size });
  }
  return all;
}

async function missingOf(aws: Clients, Bucket: string, all: readonly AssetObject[]): Promise<readonly AssetObject[]> {
  const s3 = await aws.s3();
  const there = await Promise.all(
    all.map(({ key }) =>
      s3.headObject({ Bucket, Key: key }).then(
        () => true,
        (error: unknown) => {
          if (isAwsError(error, "NotFound", "NoSuchKey")) return false;
          throw error;
        },
      ),
    ),
  );
  return all.filter((_, i) => !there[i]);
}
