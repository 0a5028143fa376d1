import { AwsFault } from "#protocol";
import { objectBytes } from "./bytes.ts";
import { deliverEvents, recordDeletion } from "./events.ts";
import { invalidArgument, malformedXml, preconditionFailed } from "./faults.ts";
import { onVersion } from "./permissions.ts";
import { bare } from "./preconditions.ts";
import { assertKey, requireBucket } from "./require.ts";
import type { ObjectRow, S3Context, S3Handlers } from "./state.ts";
import { deleteNewest, deleteVersion, type Deleted, findObject, findVersion, idOf, isMarker } from "./versions.ts";

export const deleteOperations = {
  async DeleteObject(input, ctx) {
    requireBucket(ctx, input);
    const conditions = {
      ETag: input.IfMatch,
      LastModifiedTime: input.IfMatchLastModifiedTime,
      Size: input.IfMatchSize,
    };
    const gone = ctx.kernel.transaction(() =>
      remove(ctx, input.Bucket, { Key: input.Key, VersionId: input.VersionId, ...conditions }),
    );
    await ctx.kernel.live(objectBytes).discard(gone.unreferenced);
    deliverEvents(ctx);
    // AWS: 204, whether or not there was such a key, or such a version.
    const { marker = gone.removed } = gone;
    return {
      ...(input.VersionId !== undefined && { VersionId: input.VersionId }),
      ...(gone.marker && { VersionId: idOf(gone.marker) }),
      ...(marker && isMarker(marker) && { DeleteMarker: true }),
    };
  },

  async DeleteObjects(input, ctx) {
    requireBucket(ctx, input);
    const wanted = input.Delete?.Objects ?? [];
    if (wanted.length === 0 || wanted.length > MOST_AT_ONCE) throw malformedXml();
    const refused = await refusals(ctx, input.Bucket, wanted);

    const deleted: DeletedObject[] = [];
    const errors: { Key: string; VersionId?: string; Code: string; Message: string }[] = [];
    const blobs = ctx.kernel.transaction(() =>
      wanted.flatMap((one, index) => {
        const named = { Key: one.Key, ...(one.VersionId !== undefined && { VersionId: one.VersionId }) };
        try {
          const denied = refused.get(index);
          if (denied) throw denied;
          const gone = remove(ctx, input.Bucket, one);
          deleted.push({ ...named, ...shownMarker(gone) });
          return gone.unreferenced;
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

interface DeletedObject {
  readonly Key: string;
  readonly VersionId?: string;
  readonly DeleteMarker?: boolean;
  readonly DeleteMarkerVersionId?: string;
}

/** The delete marker that was made, or removed. */
function shownMarker({ marker, removed }: Deleted): Partial<DeletedObject> {
  const shown = marker ?? removed;
  return shown && isMarker(shown) ? { DeleteMarker: true, DeleteMarkerVersionId: idOf(shown) } : {};
}

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
  for (const [index, { Key, VersionId: version }] of wanted.entries()) {
    try {
      await ctx.authorize(onVersion("s3:DeleteObject", { Bucket: bucket, Key, VersionId: version }));
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      refused.set(index, error);
    }
  }
  return refused;
}

function remove(ctx: S3Context, name: string, wanted: ToDelete): Deleted {
  const at = { Bucket: name, Key: wanted.Key };
  const { VersionId: version } = wanted;
  assertKey(wanted.Key);
  if (version === "") throw invalidArgument("versionId", "", "Version id cannot be the empty string");
  const bucket = requireBucket(ctx, at);
  const row = version === undefined ? findObject(ctx, at) : findVersion(ctx, at, version);
  assertDeletable(row && !isMarker(row) ? row : undefined, wanted);
  const gone = version === undefined ? deleteNewest(ctx, at, bucket) : deleteVersion(ctx, at, version);
  recordDeletion(ctx, { ...at, bucket }, gone);
  return { ...gone, unreferenced: ctx.kernel.live(objectBytes).release(gone.unreferenced) };
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
