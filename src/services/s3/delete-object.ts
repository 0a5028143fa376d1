import { AwsFault } from "#protocol";
import { arnOf } from "./arns.ts";
import { objectBytes } from "./bytes.ts";
import { deliverEvents, recordEvent } from "./events.ts";
import { malformedXml, preconditionFailed } from "./faults.ts";
import { bare } from "./preconditions.ts";
import { assertKey, assertVersion, requireBucket } from "./require.ts";
import { objectKey, type ObjectRow, type S3Context, type S3Handlers } from "./state.ts";

export const deleteOperations = {
  async DeleteObject(input, ctx) {
    requireBucket(ctx, input);
    const conditions = {
      ETag: input.IfMatch,
      LastModifiedTime: input.IfMatchLastModifiedTime,
      Size: input.IfMatchSize,
    };
    const blobs = ctx.kernel.transaction(() =>
      remove(ctx, input.Bucket, { Key: input.Key, VersionId: input.VersionId, ...conditions }),
    );
    await ctx.kernel.live(objectBytes).discard(blobs);
    deliverEvents(ctx);
    // AWS: 204 without more, whether or not there was such a key.
    return {};
  },

  async DeleteObjects(input, ctx) {
    requireBucket(ctx, input);
    const wanted = input.Delete?.Objects ?? [];
    if (wanted.length === 0 || wanted.length > MOST_AT_ONCE) throw malformedXml();
    const refused = await refusals(ctx, input.Bucket, wanted);

    const deleted: { Key: string; VersionId?: string }[] = [];
    const errors: { Key: string; VersionId?: string; Code: string; Message: string }[] = [];
    const blobs = ctx.kernel.transaction(() =>
      wanted.flatMap((one, index) => {
        const named = { Key: one.Key, ...(one.VersionId !== undefined && { VersionId: one.VersionId }) };
        try {
          const denied = refused.get(index);
          if (denied) throw denied;
          const gone = remove(ctx, input.Bucket, one);
          deleted.push(named);
          return gone;
        } catch (error) {
          if (!(error instanceof AwsFault)) throw error;
          errors.push({ ...named, Code: error.code, Message: error.message });
          return [];
        }
      }),
    );
    await ctx.kernel.live(objectBytes).discard(blobs);
    deliverEvents(ctx);
    return {
      ...(!input.Delete.Quiet && deleted.length > 0 && { Deleted: deleted }),
      ...(errors.length > 0 && { Errors: errors }),
    };
  },
} satisfies S3Handlers;

const MOST_AT_ONCE = 1000;

interface ToDelete {
  readonly Key: string;
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModifiedTime?: Date | undefined;
  readonly Size?: number | undefined;
}

/** AWS: each key is allowed or denied by itself; the others are deleted. */
async function refusals(ctx: S3Context, bucket: string, wanted: readonly ToDelete[]): Promise<Map<number, AwsFault>> {
  const refused = new Map<number, AwsFault>();
  if (ctx.principal.type === "root") return refused;
  for (const [index, { Key }] of wanted.entries()) {
    try {
      await ctx.authorize({ action: "s3:DeleteObject", resource: arnOf(bucket, Key) });
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      refused.set(index, error);
    }
  }
  return refused;
}

/** Removes the row; gives the blobs that nobody names any more. */
function remove(ctx: S3Context, name: string, wanted: ToDelete): string[] {
  assertKey(wanted.Key);
  assertVersion(wanted);
  const bucket = requireBucket(ctx, { Bucket: name });
  const row = ctx.tables.objects.get(objectKey(name, wanted.Key));
  assertDeletable(row, wanted);
  if (!row) return [];
  ctx.tables.objects.delete(objectKey(name, wanted.Key));
  recordEvent(ctx, bucket, { Bucket: name, Key: wanted.Key, reason: "DeleteObject", etag: row.etag });
  return row.pieces.map(({ blob }) => blob);
}

/** AWS: conditional deletes; `*` only asks that there be an object (user guide, "How to perform conditional deletes"). */
function assertDeletable(
  row: ObjectRow | undefined,
  { ETag: etag, LastModifiedTime: time, Size: size }: ToDelete,
): void {
  if (etag !== undefined && (!row || (etag !== "*" && bare(etag) !== bare(row.etag))))
    throw preconditionFailed("If-Match");
  if (time !== undefined && row && Math.floor(row.modified / 1000) !== Math.floor(time.getTime() / 1000)) {
    throw preconditionFailed("x-amz-if-match-last-modified-time");
  }
  if (size !== undefined && row && row.size !== size) throw preconditionFailed("x-amz-if-match-size");
}
