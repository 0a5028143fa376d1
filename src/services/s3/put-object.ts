import { objectBytes } from "./bytes.ts";
import { shownChecksum } from "./checksums.ts";
import { commitObject } from "./commit-object.ts";
import { refuseUnsupportedWrite, toDescription } from "./descriptions.ts";
import { shownExpiry } from "./lifecycle-due.ts";
import { assertWritable } from "./preconditions.ts";
import { receive } from "./receive.ts";
import { assertKey, requireBucket } from "./require.ts";
import type { S3Handlers } from "./state.ts";
import { parseTaggingHeader } from "./tags.ts";
import { findObject } from "./versions.ts";

export const putOperations = {
  async PutObject(input, ctx) {
    requireBucket(ctx, input);
    assertKey(input.Key);
    refuseUnsupportedWrite(input);
    const tags = parseTaggingHeader(input.Tagging);
    const described = toDescription(input);
    // Looked at now, so that a condition that fails does not first take a gigabyte; and again when it counts.
    assertWritable(findObject(ctx, input), input);

    const { blob, checksum } = await receive(ctx, input);
    const { size, md5, id } = blob;
    const fresh = {
      ...described,
      pieces: [{ blob: id, size }],
      size,
      etag: `"${md5}"`,
      ...(tags && tags.length > 0 && { tags }),
      ...(checksum && { checksum }),
    };
    try {
      const row = await commitObject(ctx, input, fresh, { reason: "PutObject" });
      return {
        ETag: fresh.etag,
        ...shownChecksum(checksum),
        ...(row.version !== undefined && { VersionId: row.version }),
        ...shownExpiry(ctx, input, row),
        ...(described.encryption !== undefined && { ServerSideEncryption: described.encryption }),
      };
    } catch (error) {
      await ctx.kernel.live(objectBytes).discard([id]);
      throw error;
    }
  },
} satisfies S3Handlers;
