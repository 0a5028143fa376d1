import type { Quirks } from "#protocol";

export const quirks: Quirks = {
  fallback: true,
  hostLabel: { label: "Bucket", prefix: "s3" },
  singleEncodedPath: true,
  requestIdHeader: "x-amz-request-id",
  // AWS: S3 has its own code for every rule; they are in the handlers.
  validation: { style: "none" },
};
