import { fault } from "#protocol";
import { type ChecksumMembers, checksumOfParts, expectedChecksum, shownChecksum } from "./checksums.ts";
import { urlOf } from "./urls.ts";
import { commitObject } from "./commit-object.ts";
import { invalidRequest, malformedXml } from "./faults.ts";
import { shownExpiry } from "./lifecycle-due.ts";
import { dropUpload, partsOf, requireUpload } from "./multipart-state.ts";
import { bare } from "./preconditions.ts";
import { requireBucket } from "./require.ts";
import type { ObjectRow, PartRow, S3Context, S3Handlers, StoredChecksum, UploadRow } from "./state.ts";
import { createHash } from "node:crypto";

export const completeOperations = {
  async CompleteMultipartUpload(input, ctx) {
    requireBucket(ctx, input);
    const upload = requireUpload(ctx, input);
    const parts = chooseParts(ctx, input.UploadId, upload, input.MultipartUpload?.Parts);
    const checksum = upload.checksum && checksumOfParts(upload.checksum, parts);
    assertWhole(input, parts, checksum);

    const { bucket: _, key: __, initiated: ___, checksum: ____, ...described } = upload;
    const fresh: Omit<ObjectRow, "modified"> = {
      ...described,
      pieces: parts.map(({ blob, size, checksum: sum }) => ({
        blob,
        size,
        ...(sum !== undefined && { checksum: sum }),
      })),
      multipart: true,
      size: parts.reduce((sum, { size }) => sum + size, 0),
      etag: etagOf(parts),
      ...(checksum && { checksum }),
    };
    const used = new Set(fresh.pieces.map(({ blob }) => blob));
    const row = await commitObject(ctx, input, fresh, {
      reason: "CompleteMultipartUpload",
      also() {
        // Somebody may have been quicker: completed it, aborted it, or replaced a part.
        requireUpload(ctx, input);
        const present = new Set(partsOf(ctx, input.UploadId).map(({ part }) => part.blob));
        if (fresh.pieces.some(({ blob }) => !present.has(blob))) throw invalidPart(input.UploadId, 0, "");
        return dropUpload(ctx, input).filter((blob) => !used.has(blob));
      },
    });
    return {
      Location: urlOf(ctx, input.Bucket, input.Key),
      Bucket: input.Bucket,
      Key: input.Key,
      ETag: row.etag,
      ...shownChecksum(checksum),
      ...(row.version !== undefined && { VersionId: row.version }),
      ...shownExpiry(ctx, input, row),
      ...(row.encryption !== undefined && { ServerSideEncryption: row.encryption }),
    };
  },
} satisfies S3Handlers;

const SMALLEST_PART = 5 * 1024 ** 2;

interface NamedPart extends ChecksumMembers {
  readonly PartNumber?: number | undefined;
  readonly ETag?: string | undefined;
}

/** The parts that the client names, in its order, each checked against what was uploaded. */
function chooseParts(
  ctx: S3Context,
  uploadId: string,
  upload: UploadRow,
  named: readonly NamedPart[] | undefined,
): PartRow[] {
  if (!named || named.length === 0) throw malformedXml();
  const uploaded = new Map(partsOf(ctx, uploadId).map(({ number, part }) => [number, part]));
  assertOrder(uploadId, named);
  return named.map((one, index) => {
    const { PartNumber: number = 0, ETag: etag = "" } = one;
    const part = uploaded.get(number);
    if (!part || bare(etag) !== bare(part.etag)) throw invalidPart(uploadId, number, etag);
    const said = upload.checksum && one[`Checksum${upload.checksum.algorithm}`];
    if (said !== undefined && said !== part.checksum) throw invalidPart(uploadId, number, etag);
    if (part.size < SMALLEST_PART && index < named.length - 1) {
      throw fault("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
        status: 400,
        members: { ProposedSize: part.size, MinSizeAllowed: SMALLEST_PART, PartNumber: number, ETag: bare(etag) },
      });
    }
    return part;
  });
}

/** AWS: said before anything is said of the parts themselves. */
function assertOrder(uploadId: string, named: readonly NamedPart[]): void {
  const numbers = named.map(({ PartNumber: number = 0 }) => number);
  if (numbers.every((number, index) => number > (numbers[index - 1] ?? 0))) return;
  const message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
  throw fault("InvalidPartOrder", message, { status: 400, members: { UploadId: uploadId } });
}

function invalidPart(uploadId: string, number: number, etag: string) {
  return fault(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { status: 400, members: { UploadId: uploadId, PartNumber: number, ETag: bare(etag) } },
  );
}

/** What the client says of the object as a whole. */
function assertWhole(
  input: ChecksumMembers & { readonly MpuObjectSize?: number | undefined; readonly ChecksumType?: string | undefined },
  parts: readonly PartRow[],
  checksum: StoredChecksum | undefined,
): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  if (input.ChecksumType !== undefined && checksum && input.ChecksumType !== checksum.type) {
    throw invalidRequest(
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const said = checksum && input[`Checksum${checksum.algorithm}`];
  if (said === undefined || checksum === undefined) {
    if (checksum === undefined) expectedChecksum(input);
    return;
  }
  // AWS: a composite checksum may come with or without its `-N`.
  if (said === checksum.value || said === checksum.value.split("-")[0]) return;
  throw fault("BadDigest", `The ${checksum.algorithm} you specified did not match the calculated checksum.`, {
    status: 400,
  });
}

/** AWS: the MD5 of the parts' MD5s, a dash and their number. */
function etagOf(parts: readonly PartRow[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(bare(etag), "hex");
  return `"${md5.digest("hex")}-${parts.length}"`;
}
