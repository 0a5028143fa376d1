import { type Clients, isAwsError } from "#aws";
import { CauceError } from "#core";

/** Removes all objects below a prefix; answers how many there were. */
export async function removePrefix(aws: Clients, Bucket: string, Prefix: string): Promise<number> {
  const s3 = await aws.s3();
  let count = 0;
  try {
    for (;;) {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket, Prefix, MaxKeys: 1000 });
      if (Contents.length === 0) return count;
      const { Errors = [] } = await s3.deleteObjects({
        Bucket,
        Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
      });
      if (Errors[0]) throw notRemoved(`s3://${Bucket}/${Errors[0].Key}`, Errors[0].Message);
      count += Contents.length;
    }
  } catch (error) {
    if (isAwsError(error, "NoSuchBucket", "NotFound")) return count;
    throw error;
  }
}

function notRemoved(what: string, why: string | undefined): CauceError {
  return new CauceError({
    code: "NotRemoved",
    what: `${what} could not be removed.`,
    why: why ?? "S3 gave no reason.",
    fix: "Run `cauce destroy` again.",
  });
}
