import type { Readable } from "node:stream";

/** Bytes by id. What `write` has answered for survives a power cut; what it has not leaves nothing behind. */
export interface BlobStore {
  /** Streams to a temporary file, renames and syncs it. `source` may be bytes already at hand. */
  write(source: BlobSource, options?: { readonly signal?: AbortSignal }): Promise<Blob>;
  /** `end` is exclusive. Throws when there is no such blob; a blob deleted later is still read to its end. */
  read(id: string, range?: { readonly start: number; readonly end: number }): Readable;
  /** The whole blob at once, for small ones. */
  bytes(id: string): Promise<Uint8Array>;
  /** Where the blob lies, for processes that read it themselves. Never to be written to. */
  path(id: string): string;
  /** Another blob with the same bytes; either can be deleted without the other. */
  copy(id: string): Promise<string>;
  /** Quiet when there is no such blob. */
  delete(id: string): Promise<void>;
  /** Every id, at once and blocking: for an owner who looks at the start for what nobody refers to. */
  list(): string[];
  /** How many were being written when the server before was killed: nothing of them is kept. */
  readonly cutOff: number;
  /** A store of its own for one owner, who may delete what it does not know. */
  within(owner: string): BlobStore;
}

/** A `Readable` is one too. */
export type BlobSource = AsyncIterable<Uint8Array> | Uint8Array;

export interface Blob {
  readonly id: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
}
