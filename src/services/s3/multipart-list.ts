import { tableKey } from "#kernel";
import { encoder, pageSize } from "./listing.ts";
import { partsOf, requireUpload, uploadIdOf } from "./multipart-state.ts";
import { ownerOf, requireBucket, shownTime } from "./require.ts";
import type { S3Handlers, UploadRow } from "./state.ts";

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
    const uploads: { id: string; row: UploadRow }[] = [];
    const prefixes: string[] = [];
    let next: { key: string; id: string } | undefined;
    let truncated = false;
    for (const { key: rowKey, row } of ctx.tables.uploads.list({ prefix: tableKey(input.Bucket, "") })) {
      const id = uploadIdOf(rowKey);
      if (!row.key.startsWith(prefix) || !comesAfter(row.key, id, keyMarker, idMarker)) continue;
      const at = delimiter === "" ? -1 : row.key.indexOf(delimiter, prefix.length);
      const shared = at < 0 ? undefined : row.key.slice(0, at + delimiter.length);
      if (shared !== undefined && (prefixes.includes(shared) || keyMarker.startsWith(shared))) continue;
      if (uploads.length + prefixes.length >= max) {
        truncated = max > 0;
        break;
      }
      if (shared === undefined) uploads.push({ id, row });
      else prefixes.push(shared);
      next = { key: shared ?? row.key, id: shared === undefined ? id : "" };
    }
    return {
      Bucket: input.Bucket,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: idMarker,
      ...(truncated && next && { NextKeyMarker: encode(next.key), NextUploadIdMarker: next.id }),
      Prefix: encode(prefix),
      ...(delimiter !== "" && { Delimiter: encode(delimiter) }),
      MaxUploads: max,
      IsTruncated: truncated,
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

/** AWS: the id only counts together with the key; without one, uploads of the marker's own key are not listed again. */
function comesAfter(key: string, id: string, keyMarker: string, idMarker: string): boolean {
  if (keyMarker === "") return true;
  if (key === keyMarker) return idMarker !== "" && id > idMarker;
  return Buffer.compare(Buffer.from(key), Buffer.from(keyMarker)) > 0;
}

function storageClassOf(upload: UploadRow) {
  return (upload.storageClass ?? "STANDARD") as "STANDARD";
}
