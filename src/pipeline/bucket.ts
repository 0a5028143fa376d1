import type { S3 } from "@aws-sdk/client-s3";
import { type Clients, isAwsError } from "#aws";
import { CauceError } from "#core";
import { secureBucket } from "./bucket-settings.ts";
import type { Place } from "./names.ts";

interface Wanted {
  readonly bucket: string;
  readonly place: Place;
  readonly secure?: boolean | undefined;
}

/** Makes the bucket when there is none, and brings its settings to what they should be. */
export async function ensureBucket(aws: Clients, { bucket: Bucket, place, secure }: Wanted): Promise<void> {
  const s3 = await aws.s3();
  const made = (await isOurs(s3, Bucket, place)) ? false : await makeBucket(s3, Bucket, place);
  await Promise.all([(made || secure) && blockPublic(s3, Bucket, made), secure && secureBucket(s3, Bucket, place)]);
}

async function isOurs(s3: S3, Bucket: string, { account }: Place): Promise<boolean> {
  try {
    await s3.headBucket({ Bucket, ExpectedBucketOwner: account });
    return true;
  } catch (error) {
    if (isAwsError(error, "NotFound", "NoSuchBucket")) return false;
    // AWS: HeadBucket has no body, so a refusal says nothing but its status.
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 403)
      throw notOurs(Bucket, error);
    throw error;
  }
}

async function makeBucket(s3: S3, Bucket: string, { region }: Place): Promise<boolean> {
  try {
    // AWS: us-east-1 takes no location; every other region wants its own.
    await s3.createBucket({
      Bucket,
      ...(region !== "us-east-1" && { CreateBucketConfiguration: { LocationConstraint: region as never } }),
    });
  } catch (error) {
    if (isAwsError(error, "BucketAlreadyExists")) throw notOurs(Bucket, error);
    if (!isAwsError(error, "BucketAlreadyOwnedByYou")) throw error;
  }
  return true;
}

function notOurs(bucket: string, cause: unknown): CauceError {
  return new CauceError(
    {
      code: "BucketRefused",
      what: `The bucket ${bucket} cannot be used.`,
      why: "It belongs to another account, or these credentials may not see it (s3:ListBucket).",
      fix: "Ask for the permission; the name of a bucket that somebody else owns is lost in this region, so take another region.",
    },
    { cause },
  );
}

const BLOCK = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

async function blockPublic(s3: S3, Bucket: string, made: boolean): Promise<void> {
  if (!made && (await isBlocked(s3, Bucket))) return;
  await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: BLOCK });
}

async function isBlocked(s3: S3, Bucket: string): Promise<boolean> {
  try {
    const { PublicAccessBlockConfiguration: now } = await s3.getPublicAccessBlock({ Bucket });
    return Object.keys(BLOCK).every((name) => now?.[name as keyof typeof BLOCK] === true);
  } catch (error) {
    if (isAwsError(error, "NoSuchPublicAccessBlockConfiguration")) return false;
    throw error;
  }
}
