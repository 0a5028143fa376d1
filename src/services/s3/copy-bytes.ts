import { createHash } from "node:crypto";
import { objectBytes } from "./bytes.ts";
import { requireAlgorithm, watch } from "./checksums.ts";
import type { ChecksumName, ObjectRow, Piece, S3Context, StoredChecksum } from "./state.ts";

interface Copied {
  readonly pieces: readonly Piece[];
  readonly etag: string;
  readonly checksum?: StoredChecksum;
}

/**
 * The same bytes once more, as one object. AWS: the copy's ETag is the MD5 of the whole even when the source was uploaded
 * in parts, and its checksum is one of the whole object (API reference, CopyObject).
 */
export async function copyBytes(ctx: S3Context, source: ObjectRow, algorithm: string | undefined): Promise<Copied> {
  const wanted = algorithm === undefined ? source.checksum?.algorithm : requireAlgorithm(algorithm);
  const bytes = ctx.kernel.live(objectBytes);
  const pieces = await bytes.copy(source.pieces);
  try {
    return { pieces, ...(await sumsOf(ctx, { ...source, pieces }, wanted)) };
  } catch (error) {
    await bytes.discard(pieces.map(({ blob }) => blob));
    throw error;
  }
}

type Sums = Omit<Copied, "pieces">;

/** Read once more only where what is known is not of the whole. */
async function sumsOf(ctx: S3Context, source: ObjectRow, wanted: ChecksumName | undefined): Promise<Sums> {
  const { checksum, etag } = source;
  if (source.multipart) return reread(ctx, source, wanted);
  if (wanted === undefined) return { etag };
  return checksum?.algorithm === wanted ? { etag, checksum } : reread(ctx, source, wanted);
}

async function reread(ctx: S3Context, source: ObjectRow, algorithm: ChecksumName | undefined): Promise<Sums> {
  const body = ctx.kernel.live(objectBytes).read(source.pieces, { start: 0, end: source.size });
  const watched = algorithm && watch(body, algorithm);
  const md5 = createHash("md5");
  await drain(watched?.source ?? body, (chunk) => md5.update(chunk));
  const etag = `"${md5.digest("hex")}"`;
  return watched && algorithm
    ? { etag, checksum: { algorithm, type: "FULL_OBJECT", value: watched.digest() } }
    : { etag };
}

async function drain(source: AsyncIterable<Uint8Array> | Uint8Array, seen: (chunk: Uint8Array) => void): Promise<void> {
  if (source instanceof Uint8Array) seen(source);
  else for await (const chunk of source) seen(chunk);
}
