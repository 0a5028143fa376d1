import { formatArn } from "#core";

/** Of a bucket, or of an object in it. */
export function arnOf(bucket: string, key?: string): string {
  const resource = key === undefined ? bucket : `${bucket}/${key}`;
  return formatArn({ service: "s3", region: "", account: "", resource });
}

/** The bucket that an ARN is of, or is an object in. */
export function bucketOfArn(arn: string): string | undefined {
  return /^arn:[\w-]+:s3:::([^/]+)/.exec(arn)?.[1];
}
