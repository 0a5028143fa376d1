import { type Live, servicePrincipal } from "#kernel";
import { arnOf } from "./arns.ts";
import type { BucketRow, S3Context } from "./state.ts";
import { type Deleted, idOf, isMarker } from "./versions.ts";

export type Reason = "PutObject" | "CopyObject" | "CompleteMultipartUpload" | "DeleteObject" | "Lifecycle Expiration";

interface Happened {
  readonly Bucket: string;
  readonly Key: string;
  readonly reason: Reason;
  readonly size?: number;
  readonly etag?: string;
  /** Of the object, of the version that was deleted, or of the delete marker. */
  readonly version?: string;
  readonly deletion?: "Permanently Deleted" | "Delete Marker Created";
}

/**
 * Writes an event down, in the transaction that makes it true: it reaches EventBridge even if the server dies right after.
 * AWS: "EventBridge event message structure", S3 user guide.
 */
export function recordEvent(ctx: S3Context, bucket: BucketRow, about: Happened): void {
  if (!bucket.eventBridge) return;
  const time = ctx.now().getTime();
  const sequencer =
    `${time.toString(16).padStart(12, "0")}${ctx.kernel.ids.token(6, "0123456789ABCDEF")}`.toUpperCase();
  const detail = {
    version: "0",
    bucket: { name: about.Bucket },
    object: {
      key: about.Key,
      ...(about.size !== undefined && { size: about.size }),
      ...(about.etag !== undefined && { etag: about.etag.replaceAll('"', "") }),
      ...(about.version !== undefined && { "version-id": about.version }),
      sequencer,
    },
    "request-id": ctx.requestId,
    requester: about.reason === "Lifecycle Expiration" ? "s3.amazonaws.com" : ctx.account,
    "source-ip-address": "127.0.0.1",
    reason: about.reason,
    ...(about.deletion && { "deletion-type": about.deletion }),
  };
  ctx.tables.outbox.put(`${sequencer}-${ctx.kernel.ids.uuid()}`, {
    region: bucket.region,
    bucket: about.Bucket,
    detailType: about.deletion ? "Object Deleted" : "Object Created",
    detail: JSON.stringify(detail),
    time,
  });
}

/** A version that is gone for good, or the delete marker over it; nothing where there was nothing. */
export function recordDeletion(
  ctx: S3Context,
  { Bucket, Key, bucket }: { readonly Bucket: string; readonly Key: string; readonly bucket: BucketRow },
  { removed, marker }: Pick<Deleted, "removed" | "marker">,
  reason: Reason = "DeleteObject",
): void {
  const row = marker ?? removed;
  if (!row) return;
  recordEvent(ctx, bucket, {
    Bucket,
    Key,
    reason,
    deletion: marker ? "Delete Marker Created" : "Permanently Deleted",
    ...(!isMarker(row) && { etag: row.etag }),
    ...(bucket.versioning && { version: idOf(row) }),
  });
}

const delivery: Live<{ running: boolean }> = { name: "s3 event delivery", create: () => ({ running: false }) };

/** Hands over what was recorded, in the background. What fails stays for the next event or the next start. */
export function deliverEvents(ctx: S3Context): void {
  const state = ctx.kernel.live(delivery);
  if (state.running) return;
  state.running = true;
  ctx.kernel.tasks.run("S3 events to EventBridge", async (signal) => {
    try {
      while (!signal.aborted && (await deliverSome(ctx))) continue;
    } finally {
      state.running = false;
    }
  });
}

/** AWS: PutEvents takes ten at once. */
const AT_ONCE = 10;

async function deliverSome(ctx: S3Context): Promise<boolean> {
  const waiting = ctx.tables.outbox.list({ limit: AT_ONCE });
  if (waiting.length === 0) return false;
  const { Entries: answers = [] } = await ctx.call(
    "events",
    "PutEvents",
    {
      Entries: waiting.map(({ row }) => ({
        Source: "aws.s3",
        DetailType: row.detailType,
        Detail: row.detail,
        Resources: [arnOf(row.bucket)],
        Time: new Date(row.time),
      })),
    },
    { as: servicePrincipal("s3.amazonaws.com", ctx.account) },
  );
  const refused = answers.find((answer) => answer.ErrorCode !== undefined);
  if (refused)
    throw new Error(`EventBridge refused an event of S3: ${refused.ErrorCode} ${refused.ErrorMessage ?? ""}`);
  for (const { key } of waiting) ctx.tables.outbox.delete(key);
  return waiting.length === AT_ONCE;
}
