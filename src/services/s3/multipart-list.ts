import { tableKey } from "#kernel";
import { commonPrefix, encoder, pageSize } from "./listing.ts";
import { shownAbort } from "./lifecycle-due.ts";
import { partsOf, requireUpload, uploadIdOf } from "./multipart-state.ts";
import { ownerOf, requireBucket, shownTime } from "./require.ts";
import type { S3Context, S3Handlers, UploadRow } from "./state.ts";

export const multipartListOperations = {
  ListParts(input, ctx) {
    requireBucket(ctx, input);
    const upload = requireUpload(ctx, input);
    const max = pageSize(input.MaxParts, "max-parts");
    const marker = Number(input.PartNumberMarker ?? 0);
    const after = partsOf(ctx, input.UploadId).filter(({ number }) => number > marker);
    const page = after.slice(0, max);
    const owner = ownerOf(ctx.account);
    return {
      Bucket: input.Bucket,
      Key: input.Key,
      UploadId: input.UploadId,
      ...shownAbort(ctx, input, upload.initiated),
      PartNumberMarker: String(marker),
      NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
      MaxParts: max,
      IsTruncated: page.length < after.length,
      Parts: page.map(({ number, part }) => ({
        PartNumber: number,
        LastModified: shownTime(part.modified),
        ETag: part.etag,
        Size: part.size,
        ...(upload.checksum &&
          part.checksum !== undefined && { [`Checksum${upload.checksum.algorithm}`]: part.checksum }),
      })),
      Initiator: owner,
      Owner: owner,
      StorageClass: storageClassOf(upload),
      ...(upload.checksum && { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: upload.checksum.type }),
    };
  },

  ListMultipartUploads(input, ctx) {
    requireBucket(ctx, input);
    const {
      Prefix: prefix = "",
      Delimiter: delimiter = "",
      KeyMarker: keyMarker = "",
      UploadIdMarker: idMarker = "",
    } = input;
    const max = pageSize(input.MaxUploads, "max-uploads");
    const encode = encoder(input.EncodingType);
    const owner = ownerOf(ctx.account);
    const asked = { bucket: input.Bucket, prefix, delimiter, keyMarker, idMarker, max };
    const { uploads, prefixes, next } = pageOfUploads(ctx, asked);
    return {
      Bucket: input.Bucket,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: idMarker,
      ...(next && { NextKeyMarker: encode(next.key), NextUploadIdMarker: next.id }),
      Prefix: encode(prefix),
      ...(delimiter !== "" && { Delimiter: encode(delimiter) }),
      MaxUploads: max,
      IsTruncated: next !== undefined,
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      Uploads: uploads.map(({ id, row }) => ({
        UploadId: id,
        Key: encode(row.key),
        Initiated: shownTime(row.initiated),
        StorageClass: storageClassOf(row),
        Owner: owner,
        Initiator: owner,
        ...(row.checksum && { ChecksumAlgorithm: row.checksum.algorithm, ChecksumType: row.checksum.type }),
      })),
      CommonPrefixes: prefixes.map((shared) => ({ Prefix: encode(shared) })),
    };
  },
} satisfies S3Handlers;

interface AskedUploads {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly idMarker: string;
  readonly max: number;
}

interface UploadsPage {
  readonly uploads: { readonly id: string; readonly row: UploadRow }[];
  readonly prefixes: string[];
  /** Where the next page goes on, when there is one. */
  readonly next?: { readonly key: string; readonly id: string } | undefined;
}

function pageOfUploads(ctx: S3Context, asked: AskedUploads): UploadsPage {
  const { bucket, prefix, delimiter, keyMarker, idMarker, max } = asked;
  const uploads: UploadsPage["uploads"] = [];
  const prefixes: string[] = [];
  let last: UploadsPage["next"];
  if (max === 0) return { uploads, prefixes };
  for (const { key: rowKey, row } of ctx.tables.uploads.list({ prefix: tableKey(bucket, "") })) {
    const id = uploadIdOf(rowKey);
    if (!row.key.startsWith(prefix) || !comesAfter(row.key, id, keyMarker, idMarker)) continue;
    const shared = commonPrefix(row.key, prefix, delimiter);
    if (shared !== undefined && (prefixes.at(-1) === shared || keyMarker.startsWith(shared))) continue;
    if (uploads.length + prefixes.length === max) return { uploads, prefixes, next: last };
    last = shared === undefined ? { key: row.key, id } : { key: shared, id: "" };
    if (shared === undefined) uploads.push({ id, row });
    else prefixes.push(shared);
  }
  return { uploads, prefixes };
}

/** AWS: the id only counts together with the key; without one, uploads of the marker's own key are not listed again. */
function comesAfter(key: string, id: string, keyMarker: string, idMarker: string): boolean {
  if (keyMarker === "") return true;
  if (key === keyMarker) return idMarker !== "" && id > idMarker;
  return Buffer.compare(Buffer.from(key), Buffer.from(keyMarker)) > 0;
}

function storageClassOf(upload: UploadRow) {
  return (upload.storageClass ?? "STANDARD") as "STANDARD";
}
