import { fault } from "#protocol";
import { aclsDisabled } from "./descriptions.ts";
import { configurationNotFound, invalidRequest, malformedXml, notImplemented } from "./faults.ts";
import { ownerOf, requireBucket, requireObject } from "./require.ts";
import type { BucketRow, S3Context, S3Handlers } from "./state.ts";

/** Settings that are kept with the bucket, and those whose only true answer is that there are none. */
export const bucketSettings = {
  PutPublicAccessBlock(input, ctx) {
    const asked = input.PublicAccessBlockConfiguration;
    change(ctx, input, {
      publicAccess: {
        blockAcls: asked?.BlockPublicAcls ?? false,
        ignoreAcls: asked?.IgnorePublicAcls ?? false,
        blockPolicy: asked?.BlockPublicPolicy ?? false,
        restrictBuckets: asked?.RestrictPublicBuckets ?? false,
      },
    });
    return {};
  },

  GetPublicAccessBlock(input, ctx) {
    const { publicAccess: kept } = requireBucket(ctx, input);
    if (!kept) {
      throw configurationNotFound(
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
        input.Bucket,
      );
    }
    return {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: kept.blockAcls,
        IgnorePublicAcls: kept.ignoreAcls,
        BlockPublicPolicy: kept.blockPolicy,
        RestrictPublicBuckets: kept.restrictBuckets,
      },
    };
  },

  DeletePublicAccessBlock(input, ctx) {
    forget(ctx, input, "publicAccess");
    return {};
  },

  PutBucketEncryption(input, ctx) {
    const rules = input.ServerSideEncryptionConfiguration?.Rules;
    const [rule] = rules ?? [];
    const algorithm = rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    if (rules?.length !== 1 || algorithm === undefined) throw malformedXml();
    if (algorithm !== "AES256") throw notImplemented(`server-side encryption with ${algorithm}`);
    change(ctx, input, { encryption: { bucketKey: rule?.BucketKeyEnabled ?? false } });
    return {};
  },

  GetBucketEncryption(input, ctx) {
    const { encryption } = requireBucket(ctx, input);
    // AWS: since January 2023 every bucket has this one, unless another was put.
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const },
      BucketKeyEnabled: encryption?.bucketKey ?? false,
    };
    return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
  },

  DeleteBucketEncryption(input, ctx) {
    forget(ctx, input, "encryption");
    return {};
  },

  PutBucketOwnershipControls(input, ctx) {
    const [rule] = input.OwnershipControls?.Rules ?? [];
    if (!rule) throw malformedXml();
    if (rule.ObjectOwnership !== "BucketOwnerEnforced") {
      throw notImplemented(`access control lists (ObjectOwnership ${rule.ObjectOwnership})`);
    }
    change(ctx, input, { ownershipControls: true });
    return {};
  },

  GetBucketOwnershipControls(input, ctx) {
    if (!requireBucket(ctx, input).ownershipControls) {
      throw configurationNotFound(
        "OwnershipControlsNotFoundError",
        "The bucket ownership controls were not found",
        input.Bucket,
      );
    }
    return { OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] } };
  },

  DeleteBucketOwnershipControls(input, ctx) {
    forget(ctx, input, "ownershipControls");
    return {};
  },

  PutBucketNotificationConfiguration(input, ctx) {
    const asked = input.NotificationConfiguration;
    if (!asked) throw malformedXml();
    const others = [asked.TopicConfigurations, asked.QueueConfigurations, asked.LambdaFunctionConfigurations];
    if (others.some((one) => one !== undefined && one.length > 0)) {
      throw notImplemented("notifications to SNS, SQS or Lambda; EventBridge is");
    }
    change(ctx, input, { eventBridge: asked.EventBridgeConfiguration !== undefined });
    return {};
  },

  GetBucketNotificationConfiguration(input, ctx) {
    return requireBucket(ctx, input).eventBridge ? { EventBridgeConfiguration: {} } : {};
  },

  PutBucketVersioning(input, ctx) {
    const { Status: status, MFADelete: mfa = "Disabled" } = input.VersioningConfiguration ?? {};
    if (status === undefined)
      throw fault("IllegalVersioningConfigurationException", "The Versioning element must be specified", {
        status: 400,
      });
    if ((status !== "Enabled" && status !== "Suspended") || !["Enabled", "Disabled"].includes(mfa))
      throw malformedXml();
    if (mfa === "Enabled") throw notImplemented("deletes with multi-factor authentication (MFADelete)");
    change(ctx, input, { versioning: status });
    return {};
  },

  GetBucketVersioning(input, ctx) {
    const { versioning } = requireBucket(ctx, input);
    return versioning ? { Status: versioning } : {};
  },

  GetBucketAcl(input, ctx) {
    requireBucket(ctx, input);
    return ownerOnly(ctx);
  },

  GetObjectAcl(input, ctx) {
    requireObject(ctx, input);
    return ownerOnly(ctx);
  },

  PutBucketAcl(input, ctx) {
    requireBucket(ctx, input);
    if (input.ACL === "private") return {};
    throw aclsDisabled();
  },

  PutObjectAcl(input, ctx) {
    requireObject(ctx, input);
    if (input.ACL === "private" || input.ACL === "bucket-owner-full-control") return {};
    throw aclsDisabled();
  },

  GetBucketLogging(input, ctx) {
    requireBucket(ctx, input);
    return {};
  },

  GetBucketAccelerateConfiguration(input, ctx) {
    requireBucket(ctx, input);
    return {};
  },

  GetBucketRequestPayment(input, ctx) {
    requireBucket(ctx, input);
    return { Payer: "BucketOwner" as const };
  },

  GetObjectRetention(input, ctx) {
    requireObject(ctx, input);
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  },

  GetObjectLegalHold(input, ctx) {
    requireObject(ctx, input);
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  },
} satisfies S3Handlers;

function change(
  ctx: S3Context,
  input: { readonly Bucket: string; readonly ExpectedBucketOwner?: string | undefined },
  members: Partial<BucketRow>,
): void {
  ctx.tables.buckets.put(input.Bucket, { ...requireBucket(ctx, input), ...members });
}

function forget(
  ctx: S3Context,
  input: { readonly Bucket: string; readonly ExpectedBucketOwner?: string | undefined },
  member: keyof BucketRow,
): void {
  const { [member]: _, ...rest } = requireBucket(ctx, input);
  ctx.tables.buckets.put(input.Bucket, rest as BucketRow);
}

/** Access control lists are off: the owner has everything, nobody else anything. */
function ownerOnly(ctx: S3Context) {
  const owner = ownerOf(ctx.account);
  return {
    Owner: owner,
    Grants: [{ Grantee: { ...owner, Type: "CanonicalUser" as const }, Permission: "FULL_CONTROL" as const }],
  };
}
