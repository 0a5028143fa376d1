import { Readable } from "node:stream";
import { type Blob, type BlobStore, type Live, rootPrincipal } from "#kernel";
import { createSmallBytes, isSmall, SMALL, type SmallBytes } from "./small-bytes.ts";
import type { Piece, S3Context } from "./state.ts";

/**
 * The bytes of all objects. Large ones are files: durable before the row that names them, removed after it is gone. Small
 * ones come and go in the transaction of their row: `keep` and `release` belong into it.
 */
export const objectBytes: Live<ObjectBytes> = {
  name: "s3 object bytes",
  create(kernel) {
    const { tables } = kernel.context("s3", rootPrincipal(kernel.settings.account)) as unknown as S3Context;
    return createObjectBytes(kernel.blobs.within("s3"), createSmallBytes(kernel, tables.smallBytes));
  },
};

export interface ObjectBytes {
  /** `expected`: how many are announced, when that is known. It decides only where they are kept. */
  write(source: AsyncIterable<Uint8Array> | Uint8Array, expected?: number): Promise<Blob>;
  /** Other blobs with the same bytes, even if those are discarded meanwhile. */
  copy(pieces: readonly Piece[]): Promise<Piece[]>;
  /** In the transaction that writes the row which names them. */
  keep(pieces: readonly Piece[]): void;
  /** In the transaction after which no row names them; gives those that are still to be discarded, after it. */
  release(blobs: readonly string[]): string[];
  /** `end` is exclusive. What is discarded meanwhile is still read to its end. */
  read(pieces: readonly Piece[], range: { readonly start: number; readonly end: number }): Readable | Uint8Array;
  /** Only after no row names them any more. */
  discard(blobs: readonly string[]): Promise<void>;
  list(): string[];
}

function createObjectBytes(blobs: BlobStore, small: SmallBytes): ObjectBytes {
  const files = createPins((blob) => blobs.delete(blob));
  return {
    async write(source, expected = 0) {
      if (expected > SMALL) return blobs.write(source);
      const start = await startOf(source);
      return start.isAll ? small.hold(start.bytes) : blobs.write(start.all);
    },
    async copy(pieces) {
      const unpin = files.pin(pieces.map(({ blob }) => blob));
      const copying = pieces.map(async ({ blob, size }) => {
        return { blob: isSmall(blob) ? small.hold(small.bytes(blob)).id : await blobs.copy(blob), size };
      });
      const ends = await Promise.allSettled(copying).finally(unpin);
      const copied = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      if (copied.length === pieces.length) return copied;
      await this.discard(copied.map(({ blob }) => blob));
      throw ends.find((end) => end.status === "rejected")?.reason;
    },
    keep: (pieces) => small.keep(pieces.map(({ blob }) => blob)),
    release: (ids) => small.release(ids),
    list: () => [...blobs.list(), ...small.list()],
    read(pieces, range) {
      const slices = slicesOf(pieces, range);
      const [only] = slices;
      if (!only) return new Uint8Array();
      if (slices.length === 1) return isSmall(only.blob) ? small.slice(only) : blobs.read(only.blob, only);
      // Small ones are read now: they go with their row, whoever still reads.
      const parts = slices.map((slice) => (isSmall(slice.blob) ? small.slice(slice) : slice));
      const unpin = files.pin(slices.map(({ blob }) => blob));
      return Readable.from(chained(blobs, parts), { objectMode: false }).once("close", unpin);
    },
    async discard(ids) {
      small.discard(ids.filter(isSmall));
      for (const id of ids) if (!isSmall(id)) await files.discard(id);
    },
  };
}

/** Files that a reader will open later are removed when it is done. */
function createPins(remove: (blob: string) => Promise<void>) {
  const pinned = new Map<string, number>();
  const doomed = new Set<string>();
  return {
    pin(ids: readonly string[]): () => void {
      for (const id of ids) pinned.set(id, (pinned.get(id) ?? 0) + 1);
      return () => {
        for (const id of ids) {
          const left = (pinned.get(id) ?? 1) - 1;
          if (left > 0) pinned.set(id, left);
          else {
            pinned.delete(id);
            // What a crash leaves undone here, the sweep at the next start does.
            if (doomed.delete(id)) void remove(id).catch(() => {});
          }
        }
      };
    },
    async discard(id: string): Promise<void> {
      if (pinned.has(id)) doomed.add(id);
      // The row is gone, so the answer is right already; what stays here is swept at the next start.
      else await remove(id).catch(() => {});
    },
  };
}

type Start = { readonly isAll: true; readonly bytes: Uint8Array } | { readonly isAll: false; readonly all: Source };
type Source = AsyncIterable<Uint8Array> | Uint8Array;

/** Reads on until it is known whether these are small. */
async function startOf(source: Source): Promise<Start> {
  if (source instanceof Uint8Array) {
    return source.byteLength <= SMALL ? { isAll: true, bytes: source } : { isAll: false, all: source };
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return { isAll: true, bytes: Buffer.concat(chunks, size) };
    chunks.push(value);
    size += value.byteLength;
    if (size > SMALL) return { isAll: false, all: resumed(chunks, iterator) };
  }
}

async function* resumed(
  chunks: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    // Whoever stops in the middle ends the source too.
    await iterator.return?.();
  }
}

interface Slice {
  readonly blob: string;
  readonly start: number;
  readonly end: number;
}

function slicesOf(pieces: readonly Piece[], range: { readonly start: number; readonly end: number }): Slice[] {
  const slices: Slice[] = [];
  let offset = 0;
  for (const { blob, size } of pieces) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, size);
    if (start < end) slices.push({ blob, start, end });
    offset += size;
  }
  return slices;
}

async function* chained(blobs: BlobStore, parts: readonly (Slice | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else yield* blobs.read(part.blob, part) as AsyncIterable<Uint8Array>;
  }
}
