import type { InputOf, ResourceContext } from "#kernel";
import { type RuleProperties, toLifecycleRule } from "./cloudformation-lifecycle.ts";
import { notImplemented } from "./faults.ts";

/** AWS::S3::Bucket as a template writes it; booleans and numbers may be text there. */
export interface BucketProperties {
  readonly BucketName?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly AccessControl?: string;
  readonly PublicAccessBlockConfiguration?: Readonly<Record<string, boolean | string>>;
  readonly OwnershipControls?: { readonly Rules?: readonly { readonly ObjectOwnership?: string }[] };
  readonly BucketEncryption?: {
    readonly ServerSideEncryptionConfiguration?: readonly {
      readonly BucketKeyEnabled?: boolean | string;
      readonly ServerSideEncryptionByDefault?: { readonly SSEAlgorithm?: string; readonly KMSMasterKeyID?: string };
    }[];
  };
  readonly CorsConfiguration?: { readonly CorsRules?: readonly CorsRule[] };
  readonly NotificationConfiguration?: {
    readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: boolean | string };
  };
  readonly VersioningConfiguration?: { readonly Status?: string };
  readonly LifecycleConfiguration?: {
    readonly Rules?: readonly RuleProperties[];
    readonly TransitionDefaultMinimumObjectSize?: string;
  };
}

interface CorsRule {
  readonly Id?: string;
  readonly AllowedOrigins: string[];
  readonly AllowedMethods: string[];
  readonly AllowedHeaders?: string[];
  readonly ExposedHeaders?: string[];
  readonly MaxAge?: number | string;
}

type At = Pick<ResourceContext, "call" | "tags">;

interface Setting {
  put(bucket: string, properties: BucketProperties, at: At): Promise<unknown>;
  remove(bucket: string, at: At): Promise<unknown>;
}

/** How each property is put, and what happens when a template drops it. */
export const SETTINGS: Record<Exclude<keyof BucketProperties, "BucketName">, Setting> = {
  AccessControl: {
    async put(_bucket, { AccessControl: control }) {
      if (control !== "Private") throw notImplemented(`access control lists (AccessControl ${control})`);
    },
    remove: async () => {},
  },
  Tags: {
    put: (Bucket, { Tags: tags = [] }, at) =>
      at.call("s3", "PutBucketTagging", { Bucket, Tagging: { TagSet: merge(tags, at) } }),
    remove: (Bucket, at) => at.call("s3", "DeleteBucketTagging", { Bucket }),
  },
  PublicAccessBlockConfiguration: {
    put: (Bucket, { PublicAccessBlockConfiguration: given = {} }, at) =>
      at.call("s3", "PutPublicAccessBlock", {
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: isTrue(given["BlockPublicAcls"]),
          IgnorePublicAcls: isTrue(given["IgnorePublicAcls"]),
          BlockPublicPolicy: isTrue(given["BlockPublicPolicy"]),
          RestrictPublicBuckets: isTrue(given["RestrictPublicBuckets"]),
        },
      }),
    remove: (Bucket, at) => at.call("s3", "DeletePublicAccessBlock", { Bucket }),
  },
  OwnershipControls: {
    put: (Bucket, { OwnershipControls: given }, at) =>
      at.call("s3", "PutBucketOwnershipControls", {
        Bucket,
        OwnershipControls: given as InputOf<"s3", "PutBucketOwnershipControls">["OwnershipControls"],
      }),
    remove: (Bucket, at) => at.call("s3", "DeleteBucketOwnershipControls", { Bucket }),
  },
  BucketEncryption: {
    put: (Bucket, { BucketEncryption: given }, at) =>
      at.call("s3", "PutBucketEncryption", {
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: (given?.ServerSideEncryptionConfiguration ?? []).map((rule) => ({
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: rule.ServerSideEncryptionByDefault?.SSEAlgorithm as "AES256",
            },
            BucketKeyEnabled: isTrue(rule.BucketKeyEnabled),
          })),
        },
      }),
    remove: (Bucket, at) => at.call("s3", "DeleteBucketEncryption", { Bucket }),
  },
  CorsConfiguration: {
    put: (Bucket, { CorsConfiguration: given }, at) =>
      at.call("s3", "PutBucketCors", {
        Bucket,
        CORSConfiguration: { CORSRules: (given?.CorsRules ?? []).map(toRule) },
      }),
    remove: (Bucket, at) => at.call("s3", "DeleteBucketCors", { Bucket }),
  },
  NotificationConfiguration: {
    put(Bucket, { NotificationConfiguration: given = {} }, at) {
      const other = Object.keys(given).find((name) => name !== "EventBridgeConfiguration");
      if (other !== undefined) throw notImplemented(`notifications of AWS::S3::Bucket by ${other}`);
      const bridge = given.EventBridgeConfiguration;
      const isOn = bridge !== undefined && isTrue(bridge.EventBridgeEnabled ?? true);
      return notify(Bucket, isOn, at);
    },
    remove: (Bucket, at) => notify(Bucket, false, at),
  },
  VersioningConfiguration: {
    put: (Bucket, { VersioningConfiguration: given }, at) =>
      at.call("s3", "PutBucketVersioning", { Bucket, VersioningConfiguration: { Status: given?.Status as "Enabled" } }),
    // AWS: a bucket that has had versioning never is without; the versions stay.
    remove: (Bucket, at) =>
      at.call("s3", "PutBucketVersioning", { Bucket, VersioningConfiguration: { Status: "Suspended" } }),
  },
  LifecycleConfiguration: {
    put: (Bucket, { LifecycleConfiguration: given }, at) => {
      const smallest = given?.TransitionDefaultMinimumObjectSize as "varies_by_storage_class" | undefined;
      return at.call("s3", "PutBucketLifecycleConfiguration", {
        Bucket,
        LifecycleConfiguration: { Rules: (given?.Rules ?? []).map(toLifecycleRule) },
        ...(smallest !== undefined && { TransitionDefaultMinimumObjectSize: smallest }),
      });
    },
    remove: (Bucket, at) => at.call("s3", "DeleteBucketLifecycle", { Bucket }),
  },
};

function notify(Bucket: string, isOn: boolean, at: At) {
  return at.call("s3", "PutBucketNotificationConfiguration", {
    Bucket,
    NotificationConfiguration: isOn ? { EventBridgeConfiguration: {} } : {},
  });
}

function toRule({ ExposedHeaders: exposed, Id: id, MaxAge: age, ...rule }: CorsRule) {
  return {
    ...rule,
    ...(id !== undefined && { ID: id }),
    ...(exposed && { ExposeHeaders: exposed }),
    ...(age !== undefined && { MaxAgeSeconds: Number(age) }),
  };
}

/** The stack's tags, and over them the template's. CloudFormation's own (`aws:…`) cannot be put through the API. */
function merge(tags: NonNullable<BucketProperties["Tags"]>, at: At): { Key: string; Value: string }[] {
  const merged = { ...at.tags, ...Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(merged).flatMap(([Key, Value]) => (Key.startsWith("aws:") ? [] : [{ Key, Value }]));
}

function isTrue(value: boolean | string | undefined): boolean {
  return value === true || value === "true";
}
