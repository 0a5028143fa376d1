import type { Readable } from "node:stream";

/** Bytes by id. What `write` has answered for survives a power cut; what it has not leaves nothing behind. */
export interface BlobStore {
  /** Streams to a temporary file, syncs it, renames it. `source` may be bytes already at hand. */
  write(source: Readable | Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<Blob>;
  /** `end` is exclusive. Throws when there is no such blob. */
  read(id: string, range?: { readonly start: number; readonly end: number }): Readable;
  /** The whole blob at once, for small ones. */
  bytes(id: string): Promise<Uint8Array>;
  /** One blob out of several, in order (multipart uploads). */
  concat(ids: readonly string[]): Promise<Blob>;
  /** Where the blob lies, for processes that read it themselves. Never to be written to. */
  path(id: string): string;
  delete(id: string): Promise<void>;
}

export interface Blob {
  readonly id: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
}
