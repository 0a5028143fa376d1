import type { Quirks } from "#protocol";

export const quirks: Quirks = {
  fallback: true,
  hostLabel: { label: "Bucket", prefix: "s3" },
  singleEncodedPath: true,
  requestIdHeader: "x-amz-request-id",
  status: (_operation, { ContentRange: range }) => (range === undefined ? undefined : 206),
  // AWS: S3 has its own code for every rule; they are in the handlers.
  validation: { style: "none" },
};
