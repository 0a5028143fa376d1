import { invalidArgument } from "./faults.ts";
import { encoder, pageSize } from "./listing.ts";
import { ownerOf, requireBucket, shownTime } from "./require.ts";
import type { S3Handlers } from "./state.ts";
import { pageOfVersions, type Version } from "./version-pages.ts";
import { assertVersionId, idOf, isMarker } from "./versions.ts";

export const listVersionOperations = {
  ListObjectVersions(input, ctx) {
    requireBucket(ctx, input);
    const { Prefix: prefix = "", Delimiter: delimiter = "", KeyMarker: key, VersionIdMarker: version } = input;
    const max = pageSize(input.MaxKeys, "max-keys");
    const encode = encoder(input.EncodingType);
    assertMarkers(key, version);
    const after = { key: key ?? "", ...(version !== undefined && { version }) };
    const page = pageOfVersions(ctx, { bucket: input.Bucket, prefix, delimiter, max, after });
    const owner = ownerOf(ctx.account);
    const entry = ({ key: name, row, isLatest }: Version) => ({
      Key: encode(name),
      VersionId: idOf(row),
      IsLatest: isLatest,
      LastModified: shownTime(row.modified),
      Owner: owner,
    });
    return {
      Name: input.Bucket,
      Prefix: encode(prefix),
      KeyMarker: encode(after.key),
      VersionIdMarker: version ?? "",
      MaxKeys: max,
      IsTruncated: page.next !== undefined,
      ...(delimiter !== "" && { Delimiter: encode(delimiter) }),
      ...(page.next && { NextKeyMarker: encode(page.next.key) }),
      ...(page.next?.version !== undefined && { NextVersionIdMarker: page.next.version }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      Versions: page.versions.flatMap((version) => {
        const { row } = version;
        if (isMarker(row)) return [];
        const { checksum, storageClass = "STANDARD" } = row;
        return {
          ...entry(version),
          ETag: row.etag,
          Size: row.size,
          StorageClass: storageClass as "STANDARD",
          ...(checksum && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
        };
      }),
      DeleteMarkers: page.versions.filter(({ row }) => isMarker(row)).map(entry),
      CommonPrefixes: page.prefixes.map((shared) => ({ Prefix: encode(shared) })),
    };
  },
} satisfies S3Handlers;

/** AWS: the sentences of ListObjectVersions to markers that cannot be. */
function assertMarkers(key: string | undefined, version: string | undefined): void {
  if (version === undefined) return;
  const name = "version-id-marker";
  if (version === "") throw invalidArgument(name, version, "A version-id marker cannot be empty.");
  if (!key) throw invalidArgument(name, version, "A version-id marker cannot be specified without a key marker.");
  assertVersionId(version, name);
}
