import { objectBytes } from "./bytes.ts";
import { shownChecksum } from "./checksums.ts";
import { commitObject } from "./commit-object.ts";
import { type CopySource, parseCopySource } from "./copy-source.ts";
import { refuseUnsupportedWrite, toDescription } from "./descriptions.ts";
import { fault } from "#protocol";
import type { InputOf } from "#kernel";
import { invalidRequest } from "./faults.ts";
import { shownExpiry } from "./lifecycle-due.ts";
import { assertCopyable, assertWritable } from "./preconditions.ts";
import { copyBytes } from "./copy-bytes.ts";
import { MOST_AT_ONCE } from "./receive.ts";
import { assertKey, assertOwner, requireBucket, requireObject, shownTime } from "./require.ts";
import type { Description, ObjectRow, S3Handlers } from "./state.ts";
import { parseTaggingHeader } from "./tags.ts";
import { findObject } from "./versions.ts";

export const copyOperations = {
  async CopyObject(input, ctx) {
    requireBucket(ctx, input);
    assertKey(input.Key);
    refuseUnsupportedWrite(input);
    const from = parseCopySource(input.CopySource);
    assertOwner(ctx, input.ExpectedSourceBucketOwner);
    const source = requireObject(ctx, from);
    assertCopyable(source, input);
    if (source.size > MOST_AT_ONCE) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${MOST_AT_ONCE}`,
      );
    }
    // AWS: an older version copied over the newest is how it is restored (user guide, "Restoring previous versions").
    const isSelf = from.Bucket === input.Bucket && from.Key === input.Key && isNewest(from, source);
    if (isSelf && !changesSomething(input, source)) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const described = describe(input, source);
    const tags =
      directive(input.TaggingDirective, "x-amz-tagging-directive") === "REPLACE"
        ? parseTaggingHeader(input.Tagging)
        : source.tags;
    assertWritable(findObject(ctx, input), input);

    const copied = await copyBytes(ctx, source, input.ChecksumAlgorithm);
    const fresh = { ...described, ...copied, size: source.size, ...(tags && tags.length > 0 && { tags }) };
    try {
      const row = await commitObject(ctx, input, fresh, { reason: "CopyObject" });
      return {
        CopyObjectResult: {
          ETag: row.etag,
          LastModified: shownTime(row.modified),
          ...shownChecksum(row.checksum),
        },
        ...(row.version !== undefined && { VersionId: row.version }),
        ...shownExpiry(ctx, input, row),
        ...(source.version !== undefined && { CopySourceVersionId: source.version }),
        ...(row.encryption !== undefined && { ServerSideEncryption: row.encryption }),
      };
    } catch (error) {
      await ctx.kernel.live(objectBytes).discard(copied.pieces.map(({ blob }) => blob));
      throw error;
    }
  },
} satisfies S3Handlers;

function isNewest(from: CopySource, source: ObjectRow): boolean {
  return from.VersionId === undefined || source.rank === undefined;
}

type CopyInput = InputOf<"s3", "CopyObject">;

function describe(input: CopyInput, source: ObjectRow): Description {
  const given = toDescription(input);
  const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires, metadata } = source;
  const kept = { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires, metadata };
  const { storageClass, redirect, encryption } = given;
  // AWS: storage class, redirect and encryption are never copied; the rest is, unless it is replaced (API reference).
  const base = directive(input.MetadataDirective, "x-amz-metadata-directive") === "REPLACE" ? given : kept;
  return Object.fromEntries(
    Object.entries({ ...base, storageClass, redirect, encryption }).filter(([, value]) => value !== undefined),
  ) as Description;
}

function changesSomething(input: CopyInput, source: ObjectRow): boolean {
  return (
    input.MetadataDirective === "REPLACE" ||
    input.TaggingDirective === "REPLACE" ||
    (input.StorageClass !== undefined && input.StorageClass !== (source.storageClass ?? "STANDARD")) ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ServerSideEncryption !== undefined ||
    input.ChecksumAlgorithm !== undefined
  );
}

function directive(given: string | undefined, header: string): "COPY" | "REPLACE" {
  if (given === undefined || given === "COPY") return "COPY";
  if (given === "REPLACE") return given;
  throw fault(
    "InvalidArgument",
    header === "x-amz-metadata-directive" ? "Unknown metadata directive." : "Unknown tagging directive.",
    {
      status: 400,
      members: { ArgumentName: header, ArgumentValue: given },
    },
  );
}
