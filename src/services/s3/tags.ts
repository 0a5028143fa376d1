import { fault } from "#protocol";
import { configurationNotFound, invalidArgument } from "./faults.ts";
import { requireBucket, requireVersion } from "./require.ts";
import type { S3Handlers, Tag } from "./state.ts";
import { changeVersion } from "./versions.ts";

export const tagOperations = {
  PutBucketTagging(input, ctx) {
    const tags = toTags(input.Tagging.TagSet, 50);
    const row = requireBucket(ctx, input);
    ctx.tables.buckets.put(input.Bucket, { ...row, tags });
    return {};
  },

  GetBucketTagging(input, ctx) {
    const { tags } = requireBucket(ctx, input);
    if (!tags) throw configurationNotFound("NoSuchTagSet", "The TagSet does not exist", input.Bucket);
    return { TagSet: shown(tags) };
  },

  DeleteBucketTagging(input, ctx) {
    const { tags: _, ...row } = requireBucket(ctx, input);
    ctx.tables.buckets.put(input.Bucket, row);
    return {};
  },

  PutObjectTagging(input, ctx) {
    const tags = toTags(input.Tagging.TagSet, MOST_OBJECT_TAGS);
    const { row, named } = requireVersion(ctx, input);
    changeVersion(ctx, input, { ...row, tags });
    return named;
  },

  GetObjectTagging(input, ctx) {
    const { row, named } = requireVersion(ctx, input);
    return { TagSet: shown(row.tags ?? []), ...named };
  },

  DeleteObjectTagging(input, ctx) {
    const { row, named } = requireVersion(ctx, input);
    const { tags: _, ...rest } = row;
    changeVersion(ctx, input, rest);
    return named;
  },
} satisfies S3Handlers;

const MOST_OBJECT_TAGS = 10;

export function toTags(
  given: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
  most: number,
): Tag[] {
  const tags = (given ?? []).map(({ Key: key = "", Value: value = "" }) => ({ key, value }));
  if (tags.length > most) {
    throw most === MOST_OBJECT_TAGS
      ? fault("BadRequest", `Object tags cannot be greater than ${most}`, { status: 400 })
      : fault("BadRequest", `Bucket tag count cannot be greater than ${most}`, { status: 400 });
  }
  const seen = new Set<string>();
  for (const { key, value } of tags) {
    if (key === "" || [...key].length > 128 || !ALLOWED.test(key))
      throw invalidTag("The TagKey you have provided is invalid", key);
    if ([...value].length > 256 || !ALLOWED.test(value))
      throw invalidTag("The TagValue you have provided is invalid", key);
    if (key.startsWith("aws:")) throw invalidTag("System tags cannot be added/updated by requester", key);
    if (seen.has(key)) throw invalidTag("Cannot provide multiple Tags with the same key", key);
    seen.add(key);
  }
  return tags;
}

/** AWS: letters, digits and spaces of any script, and `_ . : / = + - @` (user guide, "Object tagging"). */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

function invalidTag(message: string, key: string) {
  return fault("InvalidTag", message, { status: 400, members: { TagKey: key } });
}

/** The `x-amz-tagging` header: tags as a query string. */
export function parseTaggingHeader(header: string | undefined): Tag[] | undefined {
  if (header === undefined) return undefined;
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
  if (header !== "" && tags.some(({ Key }) => Key === "")) {
    throw invalidArgument(
      "x-amz-tagging",
      header,
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  }
  return toTags(tags, MOST_OBJECT_TAGS);
}

function shown(tags: readonly Tag[]): { Key: string; Value: string }[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}
