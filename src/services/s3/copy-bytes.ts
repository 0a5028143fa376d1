import { createHash } from "node:crypto";
import { objectBytes } from "./bytes.ts";
import { requireAlgorithm, watch } from "./checksums.ts";
import type { ObjectRow, Piece, S3Context, StoredChecksum } from "./state.ts";

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
  const { multipart, checksum, size } = source;
  const wanted = algorithm === undefined ? checksum?.algorithm : requireAlgorithm(algorithm);
  const isKept = wanted === undefined || (checksum?.algorithm === wanted && checksum.type === "FULL_OBJECT");
  const bytes = ctx.kernel.live(objectBytes);
  let { etag } = source;
  let made: StoredChecksum | undefined = isKept ? checksum : undefined;
  if (multipart || !isKept) {
    const read = () => bytes.read(source.pieces, { start: 0, end: size });
    const watched = wanted === undefined || isKept ? undefined : watch(read(), wanted);
    const md5 = createHash("md5");
    await drain(watched?.source ?? read(), (chunk) => md5.update(chunk));
    etag = `"${md5.digest("hex")}"`;
    if (watched && wanted !== undefined) made = { algorithm: wanted, type: "FULL_OBJECT", value: watched.digest() };
  }
  const pieces: Piece[] = [];
  try {
    for (const piece of source.pieces) pieces.push({ blob: await bytes.copy(piece.blob), size: piece.size });
  } catch (error) {
    await bytes.discard(pieces.map(({ blob }) => blob));
    throw error;
  }
  return { pieces, etag, ...(made && { checksum: made }) };
}

async function drain(source: AsyncIterable<Uint8Array> | Uint8Array, seen: (chunk: Uint8Array) => void): Promise<void> {
  if (source instanceof Uint8Array) seen(source);
  else for await (const chunk of source) seen(chunk);
}
