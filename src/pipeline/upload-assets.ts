import { createReadStream } from "node:fs";
import { type Clients, isAwsError, upload } from "#aws";
import type { AssetObject } from "./assets.ts";
import type { Place } from "./names.ts";
import type { WatchOptions } from "./progress.ts";

interface Upload {
  readonly bucket: string;
  readonly place: Place;
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

async function putMissing(aws: Clients, made: Upload, options: WatchOptions): Promise<number> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const { bucket } = made;
  await ensureBucket(aws, bucket, made.place.region);
  const missing = await missingOf(aws, bucket, made.objects);
  const s3 = await aws.s3();
  let bytes = 0;
  for (const object of missing) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ step: "upload", state: "running", facts: { file: object.name, bytes }, elapsed: elapsed() });
    const content = await object.content();
    const body = "file" in content ? createReadStream(content.file) : content.text;
    let sent = 0;
    await upload(
      s3,
      { bucket, key: object.key, body },
      { signal: options.signal, onProgress: (loaded) => (sent = loaded) },
    );
    bytes += sent;
  }
  options.onProgress?.({
    step: "upload",
    state: missing.length > 0 ? "done" : "cached",
    facts: { bytes },
    elapsed: elapsed(),
  });
  return missing.length;
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

async function ensureBucket(aws: Clients, Bucket: string, region: string): Promise<void> {
  const s3 = await aws.s3();
  try {
    await s3.headBucket({ Bucket });
    return;
  } catch (error) {
    if (!isAwsError(error, "NotFound", "NoSuchBucket")) throw error;
  }
  try {
    // AWS: us-east-1 takes no location; every other region wants its own.
    await s3.createBucket({
      Bucket,
      ...(region !== "us-east-1" && { CreateBucketConfiguration: { LocationConstraint: region as never } }),
    });
  } catch (error) {
    if (!isAwsError(error, "BucketAlreadyOwnedByYou")) throw error;
  }
  await s3.putPublicAccessBlock({
    Bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  });
}
