import type { Readable } from "node:stream";
import { AwsFault, fault } from "#protocol";
import { arnOf } from "./arns.ts";
import { objectBytes } from "./bytes.ts";
import { shownChecksum } from "./checksums.ts";
import { shownDescription } from "./descriptions.ts";
import { invalidRequest } from "./faults.ts";
import { shownExpiry } from "./lifecycle-due.ts";
import { assertReadable, bare } from "./preconditions.ts";
import { type ByteRange, formatContentRange, parseRange } from "./ranges.ts";
import { requireVersion, shownTime } from "./require.ts";
import type { ObjectRow, S3Context, S3Handlers } from "./state.ts";

export const getOperations = {
  async GetObject(input, ctx) {
    const { row, range, ...members } = await look(ctx, input);
    return { ...members, Body: ctx.kernel.live(objectBytes).read(row.pieces, range) as Readable | Uint8Array };
  },

  async HeadObject(input, ctx) {
    const { row: _, range: __, ...members } = await look(ctx, input);
    return members;
  },

  GetObjectAttributes(input, ctx) {
    const { row, named } = requireVersion(ctx, input);
    const asked = new Set<string>(input.ObjectAttributes);
    return {
      LastModified: shownTime(row.modified),
      ...named,
      ...(asked.has("ETag") && { ETag: bare(row.etag) }),
      ...(asked.has("Checksum") && row.checksum && { Checksum: shownChecksum(row.checksum) }),
      ...(asked.has("ObjectParts") && row.multipart && { ObjectParts: { TotalPartsCount: row.pieces.length } }),
      ...(asked.has("StorageClass") && { StorageClass: (row.storageClass ?? "STANDARD") as "STANDARD" }),
      ...(asked.has("ObjectSize") && { ObjectSize: row.size }),
    };
  },
} satisfies S3Handlers;

interface Look {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
  readonly Range?: string | undefined;
  readonly PartNumber?: number | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
  readonly ChecksumMode?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly ResponseContentType?: string | undefined;
  readonly ResponseCacheControl?: string | undefined;
  readonly ResponseContentDisposition?: string | undefined;
  readonly ResponseContentEncoding?: string | undefined;
  readonly ResponseContentLanguage?: string | undefined;
  readonly ResponseExpires?: Date | undefined;
}

/** What GetObject and HeadObject say alike. */
async function look(ctx: S3Context, input: Look) {
  const { row, named } = await requireSeen(ctx, input);
  if (input.SSECustomerAlgorithm !== undefined) {
    throw invalidRequest("The encryption parameters are not applicable to this object.");
  }
  assertReadable(row, input);
  const part = partOf(row, input);
  const range = part ?? parseRange(input.Range, row.size);
  const { start, end } = range ?? { start: 0, end: row.size };
  return {
    row,
    range: { start, end },
    ...shownDescription(row),
    ...named,
    ...(named.VersionId === undefined || input.VersionId === undefined ? shownExpiry(ctx, input, row) : {}),
    ...overrides(input),
    ContentLength: end - start,
    ...(range && row.size > 0 && { ContentRange: formatContentRange(range, row.size) }),
    ...(part && row.multipart && { PartsCount: row.pieces.length }),
    ...(input.ChecksumMode === "ENABLED" && !range && shownChecksum(row.checksum)),
  };
}

/** AWS: who may not list the bucket is not told that a key is absent (API reference, GetObject, "Permissions"). */
async function requireSeen(ctx: S3Context, input: Look): Promise<ReturnType<typeof requireVersion>> {
  try {
    return requireVersion(ctx, input);
  } catch (error) {
    if (error instanceof AwsFault && error.code === "NoSuchKey") {
      await ctx.authorize({ action: "s3:ListBucket", resource: arnOf(input.Bucket) });
    }
    throw error;
  }
}

function partOf(row: ObjectRow, { PartNumber: number, Range: range }: Look): ByteRange | undefined {
  if (number === undefined) return undefined;
  if (range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const pieces = row.multipart ? row.pieces : [{ size: row.size }];
  const wanted = pieces[number - 1];
  if (!wanted) {
    throw fault("InvalidPartNumber", "The requested partnumber is not satisfiable", {
      status: 416,
      members: { ActualPartCount: pieces.length, PartNumberRequested: number },
    });
  }
  const start = pieces.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + wanted.size };
}

function overrides(input: Look) {
  return {
    ...(input.ResponseContentType !== undefined && { ContentType: input.ResponseContentType }),
    ...(input.ResponseCacheControl !== undefined && { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition !== undefined && { ContentDisposition: input.ResponseContentDisposition }),
    ...(input.ResponseContentEncoding !== undefined && { ContentEncoding: input.ResponseContentEncoding }),
    ...(input.ResponseContentLanguage !== undefined && { ContentLanguage: input.ResponseContentLanguage }),
    ...(input.ResponseExpires !== undefined && { Expires: input.ResponseExpires }),
  };
}
