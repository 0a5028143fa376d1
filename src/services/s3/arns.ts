import { formatArn } from "#core";

/** Of a bucket, or of an object in it. */
export function arnOf(bucket: string, key?: string): string {
  const resource = key === undefined ? bucket : `${bucket}/${key}`;
  return formatArn({ service: "s3", region: "", account: "", resource });
}
