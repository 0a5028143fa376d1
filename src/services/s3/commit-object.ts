import { objectBytes } from "./bytes.ts";
import { deliverEvents, type Reason, recordEvent } from "./events.ts";
import { assertWritable } from "./preconditions.ts";
import { requireBucket } from "./require.ts";
import { objectKey, type ObjectRow, type S3Context } from "./state.ts";

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
  const row: ObjectRow = { ...fresh, modified: ctx.now().getTime() };
  const unreferenced = ctx.kernel.transaction(() => {
    const bucket = requireBucket(ctx, target);
    const current = findObject(ctx, target);
    assertWritable(current, target);
    const more = also?.() ?? [];
    ctx.tables.objects.put(objectKey(target.Bucket, target.Key), row);
    const { Bucket, Key } = target;
    recordEvent(ctx, bucket, { Bucket, Key, reason, size: row.size, etag: row.etag });
    return [...(current?.pieces.map(({ blob }) => blob) ?? []), ...more];
  });
  await ctx.kernel.live(objectBytes).discard(unreferenced);
  deliverEvents(ctx);
  return row;
}

export function findObject(ctx: S3Context, target: WriteTarget): ObjectRow | undefined {
  return ctx.tables.objects.get(objectKey(target.Bucket, target.Key));
}
