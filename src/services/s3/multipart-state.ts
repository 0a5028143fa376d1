import { tableKey } from "#kernel";
import { uploadNotFound } from "./faults.ts";
import { type PartRow, type S3Context, type UploadRow, uploadKey } from "./state.ts";

export function requireUpload(ctx: S3Context, input: { Bucket: string; Key: string; UploadId: string }): UploadRow {
  const row = ctx.tables.uploads.get(uploadKey(input.Bucket, input.Key, input.UploadId));
  if (!row) throw uploadNotFound(input.UploadId);
  return row;
}

export function partsOf(ctx: S3Context, uploadId: string): { number: number; part: PartRow }[] {
  const prefix = tableKey(uploadId, "");
  return ctx.tables.parts
    .list({ prefix })
    .map(({ key, row }) => ({ number: Number(key.slice(prefix.length)), part: row }));
}

/** Removes an upload's rows, inside a transaction; gives the blobs that nobody names any more. */
export function dropUpload(ctx: S3Context, input: { Bucket: string; Key: string; UploadId: string }): string[] {
  const prefix = tableKey(input.UploadId, "");
  const blobs = ctx.tables.parts.list({ prefix }).map(({ key, row }) => {
    ctx.tables.parts.delete(key);
    return row.blob;
  });
  ctx.tables.uploads.delete(uploadKey(input.Bucket, input.Key, input.UploadId));
  return blobs;
}

export function dropUploadsOf(ctx: S3Context, bucket: string): string[] {
  return ctx.tables.uploads
    .list({ prefix: tableKey(bucket, "") })
    .flatMap(({ key, row }) => dropUpload(ctx, { Bucket: bucket, Key: row.key, UploadId: uploadIdOf(key) }));
}

export function uploadIdOf(rowKey: string): string {
  return rowKey.slice(rowKey.lastIndexOf(tableKey("", "")) + 1);
}
