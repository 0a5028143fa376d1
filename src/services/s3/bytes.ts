import { Readable } from "node:stream";
import type { Blob, BlobStore, Live } from "#kernel";
import type { Piece } from "./state.ts";

/** The bytes of all objects: written before the row that names them, removed after it is gone. */
export const objectBytes: Live<ObjectBytes> = {
  name: "s3 object bytes",
  create: (kernel) => createObjectBytes(kernel.blobs.within("s3")),
};

export interface ObjectBytes {
  write(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<Blob>;
  /** Another blob with the same bytes. */
  copy(blob: string): Promise<string>;
  /** `end` is exclusive. What is discarded meanwhile is still read to its end. */
  read(pieces: readonly Piece[], range: { readonly start: number; readonly end: number }): Readable | Uint8Array;
  /** Only after no row names them any more. */
  discard(blobs: readonly string[]): Promise<void>;
  list(): string[];
}

function createObjectBytes(blobs: BlobStore): ObjectBytes {
  const pinned = new Map<string, number>();
  const doomed = new Set<string>();

  function pin(ids: readonly string[]): () => void {
    for (const id of ids) pinned.set(id, (pinned.get(id) ?? 0) + 1);
    return () => {
      for (const id of ids) {
        const left = (pinned.get(id) ?? 1) - 1;
        if (left > 0) pinned.set(id, left);
        else {
          pinned.delete(id);
          // What a crash leaves undone here, the sweep at the next start does.
          if (doomed.delete(id)) void blobs.delete(id).catch(() => {});
        }
      }
    };
  }

  return {
    write: (source) => blobs.write(source),
    copy: (blob) => blobs.copy(blob),
    list: () => blobs.list(),
    read(pieces, range) {
      const slices = slicesOf(pieces, range);
      const [only] = slices;
      if (!only) return new Uint8Array();
      if (slices.length === 1) return blobs.read(only.blob, only);
      const unpin = pin(slices.map(({ blob }) => blob));
      return Readable.from(chained(blobs, slices), { objectMode: false }).once("close", unpin);
    },
    async discard(ids) {
      for (const id of ids) {
        if (pinned.has(id)) doomed.add(id);
        // The row is gone, so the answer is right already; what stays here is swept at the next start.
        else await blobs.delete(id).catch(() => {});
      }
    },
  };
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

async function* chained(blobs: BlobStore, slices: readonly Slice[]): AsyncGenerator<Uint8Array> {
  for (const slice of slices) yield* blobs.read(slice.blob, slice) as AsyncIterable<Uint8Array>;
}
