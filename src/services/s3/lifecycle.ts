import { configurationNotFound, malformedXml } from "./faults.ts";
import { toLifecycle } from "./lifecycle-rules.ts";
import { requireBucket } from "./require.ts";
import type { LifecycleFilter, LifecycleRow, S3Handlers } from "./state.ts";

export const lifecycleOperations = {
  PutBucketLifecycleConfiguration(input, ctx) {
    requireBucket(ctx, input);
    const { TransitionDefaultMinimumObjectSize: smallest = SMALLEST } = input;
    if (smallest !== SMALLEST && smallest !== "varies_by_storage_class") throw malformedXml();
    const lifecycle = toLifecycle(input.LifecycleConfiguration?.Rules, () => ctx.kernel.ids.token(48));
    ctx.tables.buckets.put(input.Bucket, { ...requireBucket(ctx, input), lifecycle });
    return { TransitionDefaultMinimumObjectSize: smallest };
  },

  GetBucketLifecycleConfiguration(input, ctx) {
    const { lifecycle } = requireBucket(ctx, input);
    if (!lifecycle) {
      const message = "The lifecycle configuration does not exist";
      throw configurationNotFound("NoSuchLifecycleConfiguration", message, input.Bucket);
    }
    return { Rules: lifecycle.map(shown), TransitionDefaultMinimumObjectSize: SMALLEST };
  },

  DeleteBucketLifecycle(input, ctx) {
    const { lifecycle: _, ...row } = requireBucket(ctx, input);
    ctx.tables.buckets.put(input.Bucket, row);
    return {};
  },
} satisfies S3Handlers;

/** AWS: of transitions, which no rule here has: said, since clients wait for what they have put. */
const SMALLEST = "all_storage_classes_128K";

function shown({ id, isOn, prefix, filter, expiration, noncurrent, abortAfter }: LifecycleRow) {
  return {
    ID: id,
    Status: isOn ? ("Enabled" as const) : ("Disabled" as const),
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(filter && { Filter: shownFilter(filter) }),
    ...(expiration && {
      Expiration: {
        ...(expiration.days !== undefined && { Days: expiration.days }),
        ...(expiration.date !== undefined && { Date: new Date(expiration.date) }),
        ...(expiration.markers !== undefined && { ExpiredObjectDeleteMarker: expiration.markers }),
      },
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent.days,
        ...(noncurrent.newer !== undefined && { NewerNoncurrentVersions: noncurrent.newer }),
      },
    }),
    ...(abortAfter !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortAfter } }),
  };
}

function shownFilter({ prefix, tags, above, below, all }: LifecycleFilter) {
  const wire = tags?.map(({ key, value }) => ({ Key: key, Value: value }));
  const rest = {
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(above !== undefined && { ObjectSizeGreaterThan: above }),
    ...(below !== undefined && { ObjectSizeLessThan: below }),
  };
  if (all) return { And: { ...rest, ...(wire && { Tags: wire }) } };
  return { ...rest, ...(wire?.[0] && { Tag: wire[0] }) };
}
