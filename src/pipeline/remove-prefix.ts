import type { ListMultipartUploadsOutput, ListObjectVersionsOutput, S3 } from "@aws-sdk/client-s3";
import { type Clients, isAwsError } from "#aws";
import { CauceError } from "#core";

/** Removes all objects below a prefix with all their versions, and what was cut off on its way there; answers how many objects there were. */
export async function removePrefix(
  aws: Clients,
  Bucket: string,
  Prefix: string,
  keeps: (key: string) => boolean = () => false,
): Promise<number> {
  const s3 = await aws.s3();
  const seen = new Set<string>();
  try {
    await abortUploads(s3, { Bucket, Prefix }, keeps);
    // AWS: a bucket without versioning answers each object as its version `null`.
    for await (const page of versionsBelow(s3, { Bucket, Prefix })) {
      const Objects = page.filter(({ Key }) => !keeps(Key)).map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length === 0) continue;
      const { Errors = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
      if (Errors[0]) throw notRemoved(`s3://${Bucket}/${Errors[0].Key}`, Errors[0].Message);
      for (const { Key } of Objects) seen.add(Key);
    }
  } catch (error) {
    if (!isAwsError(error, "NoSuchBucket", "NotFound")) throw error;
  }
  return seen.size;
}

/** What lies below a prefix: how many objects, and their bytes, those of earlier versions too. */
export async function measurePrefix(
  aws: Clients,
  Bucket: string,
  Prefix: string,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const keys = new Set<string>();
  let bytes = 0;
  try {
    for await (const page of versionsBelow(await aws.s3(), { Bucket, Prefix })) {
      for (const { Key, Size } of page) {
        keys.add(Key);
        bytes += Size;
      }
    }
  } catch (error) {
    if (!isAwsError(error, "NoSuchBucket", "NotFound")) throw error;
  }
  return { objects: keys.size, bytes };
}

interface Place {
  readonly Bucket: string;
  readonly Prefix: string;
}

interface Version {
  readonly Key: string;
  readonly VersionId: string;
  readonly Size: number;
}

/** Versions and delete markers, a thousand at a time. */
async function* versionsBelow(s3: S3, place: Place): AsyncGenerator<readonly Version[]> {
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  do {
    const page: ListObjectVersionsOutput = await s3.listObjectVersions({ ...place, ...next });
    const markers = (page.DeleteMarkers ?? []).map((marker) => ({ ...marker, Size: 0 }));
    yield [...(page.Versions ?? []), ...markers].map(({ Key = "", VersionId = "null", Size = 0 }) => ({
      Key,
      VersionId,
      Size,
    }));
    next = page.IsTruncated
      ? {
          ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
          ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
        }
      : undefined;
  } while (next !== undefined);
}

/** AWS: parts of an upload that was cut off cost as objects do, and no list of objects shows them. */
async function abortUploads(s3: S3, { Bucket, Prefix }: Place, keeps: (key: string) => boolean): Promise<void> {
  let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  do {
    const page: ListMultipartUploadsOutput = await s3.listMultipartUploads({
      Bucket,
      Prefix,
      ...next,
    });
    for (const { Key = "", UploadId } of page.Uploads ?? [])
      if (!keeps(Key)) await s3.abortMultipartUpload({ Bucket, Key, UploadId }).catch(unlessGone);
    next = page.IsTruncated
      ? {
          ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
          ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
        }
      : undefined;
  } while (next !== undefined);
}

function unlessGone(error: unknown): void {
  if (!isAwsError(error, "NoSuchUpload")) throw error;
}

function notRemoved(what: string, why: string | undefined): CauceError {
  return new CauceError({
    code: "NotRemoved",
    what: `${what} could not be removed.`,
    why: why ?? "S3 gave no reason.",
    fix: "Run `cauce destroy` again.",
  });
}
