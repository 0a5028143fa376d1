import { type Live, servicePrincipal } from "#kernel";
import { arnOf } from "./arns.ts";
import type { BucketRow, S3Context } from "./state.ts";

export type Reason = "PutObject" | "CopyObject" | "CompleteMultipartUpload" | "DeleteObject";

/**
 * Writes an event down, in the transaction that makes it true: it reaches EventBridge even if the server dies right after.
 * AWS: "EventBridge event message structure", S3 user guide.
 */
export function recordEvent(
  ctx: S3Context,
  bucket: BucketRow,
  about: { Bucket: string; Key: string; reason: Reason; size?: number; etag?: string },
): void {
  if (!bucket.eventBridge) return;
  const time = ctx.now().getTime();
  const sequencer =
    `${time.toString(16).padStart(12, "0")}${ctx.kernel.ids.token(6, "0123456789ABCDEF")}`.toUpperCase();
  const isDeleted = about.reason === "DeleteObject";
  const detail = {
    version: "0",
    bucket: { name: about.Bucket },
    object: {
      key: about.Key,
      ...(about.size !== undefined && { size: about.size }),
      ...(about.etag !== undefined && { etag: about.etag.replaceAll('"', "") }),
      sequencer,
    },
    "request-id": ctx.requestId,
    requester: ctx.account,
    "source-ip-address": "127.0.0.1",
    reason: about.reason,
    ...(isDeleted && { "deletion-type": "Permanently Deleted" }),
  };
  ctx.tables.outbox.put(`${sequencer}-${ctx.kernel.ids.uuid()}`, {
    region: bucket.region,
    bucket: about.Bucket,
    detailType: isDeleted ? "Object Deleted" : "Object Created",
    detail: JSON.stringify(detail),
    time,
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
