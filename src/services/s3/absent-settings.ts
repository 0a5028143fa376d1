import { configurationNotFound } from "./faults.ts";
import { requireBucket } from "./require.ts";
import type { S3Handlers } from "./state.ts";

type BucketInput = { readonly Bucket: string; readonly ExpectedBucketOwner?: string | undefined };

/**
 * What no bucket here has, because putting it is refused: reading it says so in AWS's words, which clients look for,
 * and removing it leaves it as it is.
 */
export const absentSettings = {
  GetBucketWebsite: absent("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
  GetBucketReplication: absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
  GetObjectLockConfiguration: absent(
    "ObjectLockConfigurationNotFoundError",
    "Object Lock configuration does not exist for this bucket",
  ),
  DeleteBucketWebsite: removed,
  DeleteBucketReplication: removed,
} satisfies S3Handlers;

function absent(code: string, message: string) {
  return (input: BucketInput, ctx: Parameters<typeof requireBucket>[0]): never => {
    requireBucket(ctx, input);
    throw configurationNotFound(code, message, input.Bucket);
  };
}

function removed(input: BucketInput, ctx: Parameters<typeof requireBucket>[0]): Record<string, never> {
  requireBucket(ctx, input);
  return {};
}
