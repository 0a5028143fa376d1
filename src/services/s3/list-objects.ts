import { invalidArgument } from "./faults.ts";
import { encoder, type Listing, listBucket, pageSize } from "./listing.ts";
import { ownerOf, requireBucket, shownTime } from "./require.ts";
import type { ObjectRow, S3Context, S3Handlers } from "./state.ts";

export const listOperations = {
  ListObjectsV2(input, ctx) {
    requireBucket(ctx, input);
    const { Prefix: prefix = "", Delimiter: delimiter = "", StartAfter: startAfter, ContinuationToken: token } = input;
    const max = pageSize(input.MaxKeys, "max-keys");
    const encode = encoder(input.EncodingType);
    const after = token === undefined ? (startAfter ?? "") : readToken(token);
    const listing = listBucket(ctx, { bucket: input.Bucket, prefix, delimiter, after, max });
    return {
      Name: input.Bucket,
      Prefix: encode(prefix),
      MaxKeys: max,
      KeyCount: listing.objects.length + listing.prefixes.length,
      IsTruncated: listing.next !== undefined,
      ...(delimiter !== "" && { Delimiter: encode(delimiter) }),
      ...(startAfter !== undefined && { StartAfter: encode(startAfter) }),
      ...(token !== undefined && { ContinuationToken: token }),
      ...(listing.next !== undefined && { NextContinuationToken: writeToken(listing.next) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...shown(ctx, listing, { encode, owner: input.FetchOwner ?? false }),
    };
  },

  ListObjects(input, ctx) {
    requireBucket(ctx, input);
    const { Prefix: prefix = "", Delimiter: delimiter = "", Marker: marker = "" } = input;
    const max = pageSize(input.MaxKeys, "max-keys");
    const encode = encoder(input.EncodingType);
    const listing = listBucket(ctx, { bucket: input.Bucket, prefix, delimiter, after: marker, max });
    return {
      Name: input.Bucket,
      Prefix: encode(prefix),
      Marker: encode(marker),
      MaxKeys: max,
      IsTruncated: listing.next !== undefined,
      ...(delimiter !== "" && { Delimiter: encode(delimiter) }),
      // AWS: only with a delimiter; without one the last key is the next marker.
      ...(delimiter !== "" && listing.next !== undefined && { NextMarker: encode(listing.next) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...shown(ctx, listing, { encode, owner: true }),
    };
  },
} satisfies S3Handlers;

function shown(
  ctx: S3Context,
  listing: Listing,
  { encode, owner }: { encode: (text: string) => string; owner: boolean },
) {
  const whose = owner ? { Owner: ownerOf(ctx.account) } : {};
  return {
    Contents: listing.objects.map(({ key, row }) => ({
      ...entry(key, row, encode),
      ...whose,
      StorageClass: (row.storageClass ?? "STANDARD") as "STANDARD",
    })),
    CommonPrefixes: listing.prefixes.map((shared) => ({ Prefix: encode(shared) })),
  };
}

function entry(key: string, row: ObjectRow, encode: (text: string) => string) {
  return {
    Key: encode(key),
    LastModified: shownTime(row.modified),
    ETag: row.etag,
    ...(row.checksum && { ChecksumAlgorithm: [row.checksum.algorithm], ChecksumType: row.checksum.type }),
    Size: row.size,
  };
}

function writeToken(last: string): string {
  return Buffer.from(`1${last}`).toString("base64url");
}

function readToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (text.startsWith("1") && writeToken(text.slice(1)) === token) return text.slice(1);
  throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
}
