import { objectBytes } from "./bytes.ts";
import { deliverEvents, type Reason, recordEvent } from "./events.ts";
import { assertWritable } from "./preconditions.ts";
import { requireBucket } from "./require.ts";
import type { ObjectRow, S3Context } from "./state.ts";
import { findObject, putNewest } from "./versions.ts";

export interface WriteTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/**
 * Makes durable bytes an object: bucket and conditions are looked at again in the transaction that writes the row, and
 * the bytes that were replaced go after it. `also` joins the transaction; the blobs it gives are removed too.
 */
export async function commitObject(
  ctx: S3Context,
  target: WriteTarget,
  fresh: Omit<ObjectRow, "modified">,
  { reason, also }: { readonly reason: Reason; readonly also?: () => readonly string[] },
): Promise<ObjectRow> {
  const written: ObjectRow = { ...fresh, modified: ctx.now().getTime() };
  const bytes = ctx.kernel.live(objectBytes);
  const { row, unreferenced, tells } = await ctx.kernel.commit(() => {
    const bucket = requireBucket(ctx, target);
    const current = findObject(ctx, target);
    assertWritable(current, target);
    const more = also?.() ?? [];
    bytes.keep(fresh.pieces);
    const put = putNewest(ctx, target, { bucket, current, fresh: written });
    const { Bucket, Key } = target;
    const { size, etag, version } = put.row;
    recordEvent(ctx, bucket, { Bucket, Key, reason, size, etag, ...(version !== undefined && { version }) });
    return { row: put.row, unreferenced: bytes.release([...put.unreferenced, ...more]), tells: bucket.eventBridge };
  });
  await bytes.discard(unreferenced);
  if (tells) deliverEvents(ctx);
  return row;
}
