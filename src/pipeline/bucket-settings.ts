import type { LifecycleRule, S3 } from "@aws-sdk/client-s3";
import { isAwsError } from "#aws";
import { isRecord, parseJson } from "#core";
import { partitionOf, type Place } from "./names.ts";
import { HOST_PREFIX } from "./ec2/host.ts";

/**
 * What the bucket is told beside that nothing in it is public: encrypted, versioned, reached by TLS only, and rid of what was cut off
 * or replaced. What somebody has put there besides stays; what is missing is added at every `up`.
 */
export async function secureBucket(s3: S3, Bucket: string, place: Place): Promise<void> {
  await Promise.all([encrypt(s3, Bucket), keepVersions(s3, Bucket), wantTls(s3, Bucket, place), tidyUp(s3, Bucket)]);
}

/** AWS: since 2023 each bucket encrypts; said nevertheless, so that an audit finds it. A key of one's own (KMS) stays. */
async function encrypt(s3: S3, Bucket: string): Promise<void> {
  const none = { ServerSideEncryptionConfiguration: undefined };
  const { ServerSideEncryptionConfiguration: now } = await unless(
    s3.getBucketEncryption({ Bucket }),
    "ServerSideEncryptionConfigurationNotFoundError",
    none,
  );
  if (now?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm !== undefined) return;
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }];
  await s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } });
}

async function keepVersions(s3: S3, Bucket: string): Promise<void> {
  const { Status } = await s3.getBucketVersioning({ Bucket });
  if (Status !== "Enabled") await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
}

const TLS = "CauceTlsOnly";

/** What never leaves this machine counts as such for the embedded AWS, whatever the protocol: see `aws:SecureTransport` in its S3. */
async function wantTls(s3: S3, Bucket: string, place: Place): Promise<void> {
  const { Policy: now } = await unless(s3.getBucketPolicy({ Bucket }), "NoSuchBucketPolicy", { Policy: undefined });
  const Policy = tlsOnlyPolicy(now, Bucket, place);
  if (Policy !== undefined) await s3.putBucketPolicy({ Bucket, Policy });
}

/** A bucket's policy with the statement that refuses what comes without TLS; undefined when it has it. */
export function tlsOnlyPolicy(policy: string | undefined, bucket: string, { region }: Place): string | undefined {
  const now = parseJson(policy ?? "");
  const before = isRecord(now) ? now : { Version: "2012-10-17" };
  const said: unknown = before["Statement"] ?? [];
  const had: readonly unknown[] = Array.isArray(said) ? said : [said];
  if (had.some((statement) => isRecord(statement) && statement["Sid"] === TLS)) return undefined;
  const arn = `arn:${partitionOf(region)}:s3:::${bucket}`;
  const statement = {
    Sid: TLS,
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return JSON.stringify({ ...before, Statement: [...had, statement] });
}

const RULES: readonly LifecycleRule[] = [
  {
    ID: "cauce-cut-off-and-replaced",
    Status: "Enabled",
    Filter: { Prefix: "" },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    Expiration: { ExpiredObjectDeleteMarker: true },
  },
  {
    // The copies of an instance's state are replaced every quarter of an hour.
    ID: "cauce-copies-of-state",
    Status: "Enabled",
    Filter: { Prefix: HOST_PREFIX },
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  },
];

async function tidyUp(s3: S3, Bucket: string): Promise<void> {
  const none: { Rules?: LifecycleRule[] } = {};
  const { Rules = [] } = await unless(
    s3.getBucketLifecycleConfiguration({ Bucket }),
    "NoSuchLifecycleConfiguration",
    none,
  );
  const missing = RULES.filter(({ ID }) => !Rules.some((rule) => rule.ID === ID));
  if (missing.length === 0) return;
  await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: [...Rules, ...missing] } });
}

async function unless<T, N>(asked: Promise<T>, code: string, none: N): Promise<T | N> {
  try {
    return await asked;
  } catch (error) {
    if (isAwsError(error, code)) return none;
    throw error;
  }
}
