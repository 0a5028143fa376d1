import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { CompletedPart, Part, S3 } from "@aws-sdk/client-s3";
import { isAwsError } from "./wait.ts";

export interface FileUpload {
  readonly bucket: string;
  /** Made of the content's digest: what lies there, in whole or in parts, is of this very file. */
  readonly key: string;
  readonly file: string;
}

export interface UploadOptions {
  /** Told of the bytes that are there, those of an earlier attempt among them. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A file up to this size goes in one request. */
export const ONE_REQUEST = 16 * 1024 * 1024;
const AT_ONCE = 4;
const ChecksumAlgorithm = "CRC32" as const;
/** AWS: an upload has at most 10,000 parts. User guide, "Multipart upload limits". */
const MOST_PARTS = 10_000;

/**
 * Puts a file into a bucket: a long one in parts, several at a time. One that was cut off goes on with the parts that are there; it is
 * not aborted, so that the next attempt finds them.
 */
export async function uploadFile(s3: S3, upload: FileUpload, options: UploadOptions = {}): Promise<void> {
  await using handle = await open(upload.file);
  const { size } = await handle.stat();
  options.signal?.throwIfAborted();
  if (size <= ONE_REQUEST) {
    const whole = { Bucket: upload.bucket, Key: upload.key, Body: await handle.readFile() };
    await s3.putObject(whole, sending(options));
    options.onProgress?.(size);
    return;
  }
  for (let left = 2; ; left--) {
    try {
      return await inParts(s3, upload, { handle, size }, options);
    } catch (error) {
      if (!isAwsError(error, "NoSuchUpload")) throw error;
      // Another command has completed it, or a lifecycle rule has aborted it.
      if (await isThere(s3, upload, size)) return options.onProgress?.(size);
      if (left === 0) throw error;
    }
  }
}

async function inParts(
  s3: S3,
  upload: FileUpload,
  { handle, size }: { readonly handle: FileHandle; readonly size: number },
  options: UploadOptions,
): Promise<void> {
  const at = { Bucket: upload.bucket, Key: upload.key };
  const begun = await findBegun(s3, upload);
  const UploadId =
    begun?.id ?? (await s3.createMultipartUpload({ ...at, ChecksumAlgorithm }, sending(options))).UploadId;
  if (UploadId === undefined) throw new Error("CreateMultipartUpload answered no UploadId.");
  const partSize = Math.max(ONE_REQUEST, Math.ceil(size / MOST_PARTS));
  const numbers = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index + 1);
  const Parts: CompletedPart[] = [];
  let there = 0;
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const work = async () => {
    for (let PartNumber = numbers.shift(); PartNumber !== undefined; PartNumber = numbers.shift()) {
      signal.throwIfAborted();
      const start = (PartNumber - 1) * partSize;
      const Body = await readPart(handle, start, Math.min(partSize, size - start));
      const part = begun?.parts.get(PartNumber);
      const kept = part !== undefined && holds(part, Body);
      // The client tries each part three times by itself.
      const answer = kept
        ? part
        : await s3.uploadPart({ ...at, UploadId, PartNumber, Body, ChecksumAlgorithm }, sending({ signal }));
      Parts.push({ PartNumber, ETag: answer.ETag, ...checksumOf(answer) });
      options.onProgress?.((there += Body.length));
    }
  };
  const workers = Array.from({ length: AT_ONCE }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  Parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
  await s3.completeMultipartUpload({ ...at, UploadId, MultipartUpload: { Parts } }, sending(options));
}

/** The newest upload of this key that was begun and not completed, with its parts. */
async function findBegun(
  s3: S3,
  { bucket: Bucket, key: Key }: FileUpload,
): Promise<{ readonly id: string; readonly parts: ReadonlyMap<number, Part> } | undefined> {
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket, Prefix: Key });
  const time = (upload: (typeof Uploads)[number]) => upload.Initiated?.getTime() ?? 0;
  const newest = Uploads.filter((one) => one.Key === Key).sort((a, b) => time(b) - time(a))[0];
  if (newest?.UploadId === undefined) return undefined;
  const parts = new Map<number, Part>();
  let PartNumberMarker: string | undefined;
  do {
    const page = await s3.listParts({
      Bucket,
      Key,
      UploadId: newest.UploadId,
      ...(PartNumberMarker !== undefined && { PartNumberMarker }),
    });
    for (const part of page.Parts ?? []) parts.set(part.PartNumber ?? 0, part);
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (PartNumberMarker !== undefined);
  return { id: newest.UploadId, parts };
}

/** AWS: a part's entity tag is its MD5, but for encryption with KMS; such a part is sent again. API reference, "Object". */
function holds(part: Part, body: Uint8Array): boolean {
  return part.Size === body.length && part.ETag === `"${createHash("md5").update(body).digest("hex")}"`;
}

/** AWS: an upload that was begun with checksums is completed with those of its parts. */
function checksumOf({ ChecksumCRC32 }: Part): Partial<CompletedPart> {
  return ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 };
}

async function readPart(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let read = 0; read < length;) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) throw new Error("The file became shorter while it was uploaded.");
    read += bytesRead;
  }
  return buffer;
}

async function isThere(s3: S3, { bucket, key }: FileUpload, size: number): Promise<boolean> {
  try {
    return (await s3.headObject({ Bucket: bucket, Key: key })).ContentLength === size;
  } catch (error) {
    if (isAwsError(error, "NotFound", "NoSuchKey")) return false;
    throw error;
  }
}

function sending({ signal }: UploadOptions): { readonly abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}
