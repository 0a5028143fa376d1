import type { InputOf } from "#kernel";
import { objectBytes } from "./bytes.ts";
import { requireAlgorithm, shownChecksum } from "./checksums.ts";
import { parseCopySource } from "./copy-source.ts";
import { refuseUnsupportedWrite, toDescription } from "./descriptions.ts";
import { invalidArgument, invalidRequest } from "./faults.ts";
import { shownAbort } from "./lifecycle-due.ts";
import { dropUpload, requireUpload } from "./multipart-state.ts";
import { assertCopyable } from "./preconditions.ts";
import { parseRange } from "./ranges.ts";
import { MOST_AT_ONCE, receive, type Received } from "./receive.ts";
import { assertKey, assertOwner, requireBucket, requireObject, shownTime } from "./require.ts";
import { partKey, type PartRow, type S3Context, type S3Handlers, type StoredChecksum, uploadKey } from "./state.ts";
import { parseTaggingHeader } from "./tags.ts";

export const multipartOperations = {
  CreateMultipartUpload(input, ctx) {
    requireBucket(ctx, input);
    assertKey(input.Key);
    refuseUnsupportedWrite(input);
    const tags = parseTaggingHeader(input.Tagging);
    const checksum = checksumOf(input);
    const described = toDescription(input);
    const initiated = ctx.now().getTime();
    // The time first: uploads of one key are listed in the order of their beginning.
    const uploadId = initiated.toString(36).padStart(9, "0") + ctx.kernel.ids.token(55);
    ctx.kernel.transaction(() => {
      requireBucket(ctx, input);
      ctx.tables.uploads.put(uploadKey(input.Bucket, input.Key, uploadId), {
        ...described,
        bucket: input.Bucket,
        key: input.Key,
        initiated,
        ...(tags && tags.length > 0 && { tags }),
        ...(checksum && { checksum }),
      });
    });
    return {
      Bucket: input.Bucket,
      Key: input.Key,
      UploadId: uploadId,
      ...shownAbort(ctx, input, initiated),
      ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
      ...(described.encryption !== undefined && { ServerSideEncryption: described.encryption }),
    };
  },

  async UploadPart(input, ctx) {
    requireBucket(ctx, input);
    assertPartNumber(input.PartNumber);
    const upload = requireUpload(ctx, input);
    const received = await receive(ctx, input, upload.checksum?.algorithm);
    const part = await keepPart(ctx, input, received);
    return { ETag: part.etag, ...partChecksum(received.checksum) };
  },

  async UploadPartCopy(input, ctx) {
    requireBucket(ctx, input);
    assertPartNumber(input.PartNumber);
    const upload = requireUpload(ctx, input);
    const from = parseCopySource(input.CopySource);
    assertOwner(ctx, input.ExpectedSourceBucketOwner);
    const source = requireObject(ctx, from);
    assertCopyable(source, input);
    const range = copyRange(input.CopySourceRange, source.size);
    if (range.end - range.start > MOST_AT_ONCE) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${MOST_AT_ONCE}`,
      );
    }
    const body = ctx.kernel.live(objectBytes).read(source.pieces, range);
    const received = await receive(ctx, { Body: body }, upload.checksum?.algorithm);
    const part = await keepPart(ctx, input, received);
    return {
      ...(source.version !== undefined && { CopySourceVersionId: source.version }),
      CopyPartResult: { ETag: part.etag, LastModified: shownTime(part.modified), ...partChecksum(received.checksum) },
    };
  },

  async AbortMultipartUpload(input, ctx) {
    requireBucket(ctx, input);
    const bytes = ctx.kernel.live(objectBytes);
    const blobs = ctx.kernel.transaction(() => {
      requireUpload(ctx, input);
      return bytes.release(dropUpload(ctx, input));
    });
    await bytes.discard(blobs);
    return {};
  },
} satisfies S3Handlers;

/** AWS: CRC-64/NVME is of the whole object, SHA is of the parts' sums, the other two are either (user guide, "Checking object integrity"). */
function checksumOf(
  input: InputOf<"s3", "CreateMultipartUpload">,
): Pick<StoredChecksum, "algorithm" | "type"> | undefined {
  const { ChecksumAlgorithm: name, ChecksumType: type } = input;
  if (name === undefined) {
    if (type === undefined) return undefined;
    throw invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const algorithm = requireAlgorithm(name);
  const only = algorithm === "CRC64NVME" ? "FULL_OBJECT" : algorithm.startsWith("SHA") ? "COMPOSITE" : undefined;
  if (only !== undefined && type !== undefined && type !== only) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: only ?? type ?? "COMPOSITE" };
}

function assertPartNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return;
  throw invalidArgument("partNumber", number, "Part number must be an integer between 1 and 10000, inclusive");
}

/** AWS: unlike GetObject's range it must have both ends, and lie within the object (API reference, UploadPartCopy). */
function copyRange(header: string | undefined, size: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: size };
  if (!/^bytes=\d+-\d+$/.test(header)) {
    throw invalidArgument(
      "x-amz-copy-source-range",
      header,
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    );
  }
  const range = parseRange(header, size);
  if (range && Number(header.slice(header.indexOf("-") + 1)) < size) return range;
  throw invalidArgument(
    "x-amz-copy-source-range",
    header,
    `Range specified is not valid for source object of size: ${size}`,
  );
}

async function keepPart(
  ctx: S3Context,
  target: { readonly Bucket: string; readonly Key: string; readonly UploadId: string; readonly PartNumber: number },
  { blob, checksum }: Received,
): Promise<PartRow> {
  const bytes = ctx.kernel.live(objectBytes);
  const part: PartRow = {
    blob: blob.id,
    size: blob.size,
    etag: `"${blob.md5}"`,
    modified: ctx.now().getTime(),
    ...(checksum && { checksum: checksum.value }),
  };
  try {
    const replaced = await ctx.kernel.commit(() => {
      // It may have been completed or aborted while the bytes came in.
      const { checksum: wanted } = requireUpload(ctx, target);
      if (wanted && checksum && wanted.algorithm !== checksum.algorithm) {
        throw invalidRequest(
          `Checksum Type mismatch occurred, expected checksum Type: ${wanted.algorithm.toLowerCase()}, actual checksum Type: ${checksum.algorithm.toLowerCase()}`,
        );
      }
      const key = partKey(target.UploadId, target.PartNumber);
      const old = ctx.tables.parts.get(key);
      ctx.tables.parts.put(key, part);
      bytes.keep([part]);
      return old ? bytes.release([old.blob]) : [];
    });
    await bytes.discard(replaced);
    return part;
  } catch (error) {
    await bytes.discard([blob.id]);
    throw error;
  }
}

function partChecksum(checksum: StoredChecksum | undefined) {
  const { ChecksumType: _, ...members } = shownChecksum(checksum);
  return members;
}
