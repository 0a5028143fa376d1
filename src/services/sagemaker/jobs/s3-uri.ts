import { CauceError } from "#core";

export interface S3Place {
  readonly bucket: string;
  /** A key or a prefix; empty for the whole bucket. */
  readonly key: string;
}

/** Reads `s3://bucket/key`; undefined when it is something else. */
export function parseS3Uri(uri: string): S3Place | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key: key ?? "" };
}

export function requireS3Uri(uri: string): S3Place {
  const place = parseS3Uri(uri);
  if (place) return place;
  throw clientError(`${uri} is not an S3 address (s3://bucket/key).`);
}

/** What ends a job by its caller's fault; the text becomes its FailureReason. */
export function clientError(reason: string): CauceError {
  return new CauceError({ code: "ClientError", what: reason, why: "", fix: "" });
}
