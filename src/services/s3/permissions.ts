import type { Permission, Permissions } from "#kernel";
import { arnOf } from "./arns.ts";
import { parseCopySource } from "./copy-source.ts";

// AWS: "Actions, resources, and condition keys for Amazon S3", service authorization reference.

export const permissions: Permissions<"s3"> = {
  ListBuckets: () => ({ action: "s3:ListAllMyBuckets", resource: "*" }),
  CreateBucket: onBucket("s3:CreateBucket"),
  DeleteBucket: onBucket("s3:DeleteBucket"),
  HeadBucket: onBucket("s3:ListBucket"),
  ListObjects: listing("s3:ListBucket"),
  ListObjectsV2: listing("s3:ListBucket"),
  ListObjectVersions: listing("s3:ListBucketVersions"),
  ListMultipartUploads: onBucket("s3:ListBucketMultipartUploads"),
  GetBucketLocation: onBucket("s3:GetBucketLocation"),

  GetBucketTagging: onBucket("s3:GetBucketTagging"),
  PutBucketTagging: onBucket("s3:PutBucketTagging"),
  DeleteBucketTagging: onBucket("s3:PutBucketTagging"),
  GetBucketCors: onBucket("s3:GetBucketCORS"),
  PutBucketCors: onBucket("s3:PutBucketCORS"),
  DeleteBucketCors: onBucket("s3:PutBucketCORS"),
  GetPublicAccessBlock: onBucket("s3:GetBucketPublicAccessBlock"),
  PutPublicAccessBlock: onBucket("s3:PutBucketPublicAccessBlock"),
  DeletePublicAccessBlock: onBucket("s3:PutBucketPublicAccessBlock"),
  GetBucketEncryption: onBucket("s3:GetEncryptionConfiguration"),
  PutBucketEncryption: onBucket("s3:PutEncryptionConfiguration"),
  DeleteBucketEncryption: onBucket("s3:PutEncryptionConfiguration"),
  GetBucketOwnershipControls: onBucket("s3:GetBucketOwnershipControls"),
  PutBucketOwnershipControls: onBucket("s3:PutBucketOwnershipControls"),
  DeleteBucketOwnershipControls: onBucket("s3:PutBucketOwnershipControls"),
  GetBucketNotificationConfiguration: onBucket("s3:GetBucketNotification"),
  PutBucketNotificationConfiguration: onBucket("s3:PutBucketNotification"),
  GetBucketVersioning: onBucket("s3:GetBucketVersioning"),
  PutBucketVersioning: onBucket("s3:PutBucketVersioning"),
  GetBucketPolicy: onBucket("s3:GetBucketPolicy"),
  GetBucketPolicyStatus: onBucket("s3:GetBucketPolicyStatus"),
  PutBucketPolicy: onBucket("s3:PutBucketPolicy"),
  DeleteBucketPolicy: onBucket("s3:DeleteBucketPolicy"),
  GetBucketAcl: onBucket("s3:GetBucketAcl"),
  PutBucketAcl: onBucket("s3:PutBucketAcl"),
  GetBucketLifecycleConfiguration: onBucket("s3:GetLifecycleConfiguration"),
  PutBucketLifecycleConfiguration: onBucket("s3:PutLifecycleConfiguration"),
  DeleteBucketLifecycle: onBucket("s3:PutLifecycleConfiguration"),
  GetBucketLogging: onBucket("s3:GetBucketLogging"),
  GetBucketWebsite: onBucket("s3:GetBucketWebsite"),
  DeleteBucketWebsite: onBucket("s3:DeleteBucketWebsite"),
  GetBucketReplication: onBucket("s3:GetReplicationConfiguration"),
  DeleteBucketReplication: onBucket("s3:PutReplicationConfiguration"),
  GetBucketRequestPayment: onBucket("s3:GetBucketRequestPayment"),
  GetBucketAccelerateConfiguration: onBucket("s3:GetAccelerateConfiguration"),
  GetObjectLockConfiguration: onBucket("s3:GetBucketObjectLockConfiguration"),

  GetObject: (input) => onVersion("s3:GetObject", input),
  HeadObject: (input) => onVersion("s3:GetObject", input),
  GetObjectAttributes: (input) => [onVersion("s3:GetObject", input), onVersion("s3:GetObjectAttributes", input)],
  GetObjectAcl: (input) => onVersion("s3:GetObjectAcl", input),
  PutObjectAcl: (input) => onVersion("s3:PutObjectAcl", input),
  PutObject: (input) => writing(input),
  DeleteObject: (input) => onVersion("s3:DeleteObject", input),
  // Each key by itself, in the handler.
  DeleteObjects: () => [],
  CopyObject: (input) => [...reads(input.CopySource), ...writing(input)],
  GetObjectTagging: (input) => onVersion("s3:GetObjectTagging", input),
  PutObjectTagging: (input) => {
    const { conditions, ...permission } = onVersion("s3:PutObjectTagging", input);
    const tags = (input.Tagging?.TagSet ?? []).map(({ Key = "", Value = "" }) => [Key, Value] as const);
    return { ...permission, conditions: { ...conditions, ...ofTags(tags) } };
  },
  DeleteObjectTagging: (input) => onVersion("s3:DeleteObjectTagging", input),

  CreateMultipartUpload: (input) => writing(input),
  UploadPart: ({ Bucket, Key }) => on("s3:PutObject", Bucket, Key),
  UploadPartCopy: ({ Bucket, Key, CopySource }) => [...reads(CopySource), on("s3:PutObject", Bucket, Key)],
  CompleteMultipartUpload: ({ Bucket, Key }) => on("s3:PutObject", Bucket, Key),
  AbortMultipartUpload: ({ Bucket, Key }) => on("s3:AbortMultipartUpload", Bucket, Key),
  ListParts: ({ Bucket, Key }) => on("s3:ListMultipartUploadParts", Bucket, Key),
};

function on(action: string, bucket: string, key?: string): Permission {
  return { action, resource: arnOf(bucket, key) };
}

function onBucket(action: string): (input: { readonly Bucket: string }) => Permission {
  return ({ Bucket }) => on(action, Bucket);
}

function listing(action: string) {
  return (input: {
    readonly Bucket: string;
    readonly Prefix?: string | undefined;
    readonly Delimiter?: string | undefined;
    readonly MaxKeys?: number | undefined;
  }): Permission => ({
    ...on(action, input.Bucket),
    conditions: {
      ...(input.Prefix !== undefined && { "s3:prefix": input.Prefix }),
      ...(input.Delimiter !== undefined && { "s3:delimiter": input.Delimiter }),
      ...(input.MaxKeys !== undefined && { "s3:max-keys": String(input.MaxKeys) }),
    },
  });
}

/** AWS: a version that is named wants the action of its own: `s3:GetObjectVersionTagging`, `s3:DeleteObjectVersion`. */
export function onVersion(
  action: string,
  input: { readonly Bucket: string; readonly Key: string; readonly VersionId?: string | undefined },
): Permission {
  const { Bucket, Key, VersionId: version } = input;
  if (version === undefined) return on(action, Bucket, Key);
  const permission = on(action.replace("Object", "ObjectVersion"), Bucket, Key);
  return { ...permission, conditions: { "s3:VersionId": version } };
}

interface Written {
  readonly Bucket: string;
  readonly Key: string;
  readonly Tagging?: string | undefined;
  readonly ACL?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly CopySource?: string | undefined;
  readonly MetadataDirective?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

function writing(input: Written): Permission[] {
  const { Bucket, Key, Tagging: tagging } = input;
  const conditions = { ...ofHeaders(input), ...(tagging !== undefined && ofTags([...new URLSearchParams(tagging)])) };
  const put = { ...on("s3:PutObject", Bucket, Key), conditions };
  return tagging === undefined ? [put] : [put, { ...on("s3:PutObjectTagging", Bucket, Key), conditions }];
}

/** AWS: what buckets' policies ask of a write, e.g. that it be encrypted: the headers' own names. */
function ofHeaders(input: Written): Record<string, string> {
  const headers = {
    "s3:x-amz-acl": input.ACL,
    "s3:x-amz-storage-class": input.StorageClass,
    "s3:x-amz-server-side-encryption": input.ServerSideEncryption,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": input.SSEKMSKeyId,
    "s3:x-amz-copy-source": input.CopySource,
    "s3:x-amz-metadata-directive": input.MetadataDirective,
    "s3:x-amz-website-redirect-location": input.WebsiteRedirectLocation,
    "s3:if-match": input.IfMatch,
    "s3:if-none-match": input.IfNoneMatch,
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function ofTags(tags: readonly (readonly [string, string])[]): Record<string, string | readonly string[]> {
  const each = tags.map(([key, value]) => [`s3:RequestObjectTag/${key}`, value] as const);
  return { ...Object.fromEntries(each), "s3:RequestObjectTagKeys": tags.map(([key]) => key) };
}

function reads(copySource: string): Permission[] {
  return [onVersion("s3:GetObject", parseCopySource(copySource))];
}
