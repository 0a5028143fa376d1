import { hash } from "node:crypto";
import type { Blob, Kernel, Table } from "#kernel";

/** As many bytes lie in the database, beside the row that names them: one sync for both, where a file would take three. */
export const SMALL = 16 * 1024;

const PREFIX = "row-";

/** By its id: files have others. */
export function isSmall(blob: string): boolean {
  return blob.startsWith(PREFIX);
}

export interface SmallBytes {
  /** In memory, until they are kept or discarded. */
  hold(bytes: Uint8Array): Blob;
  /** Inside the transaction that writes the row which names them. */
  keep(blobs: readonly string[]): void;
  /** Inside the transaction that removes the last row which names them; gives those that are not small. */
  release(blobs: readonly string[]): string[];
  bytes(blob: string): Uint8Array;
  slice(part: { readonly blob: string; readonly start: number; readonly end: number }): Uint8Array;
  /** What is not held but kept goes soon. A crash before that leaves it to the sweep at the next start. */
  discard(blobs: readonly string[]): void;
  list(): string[];
}

export function createSmallBytes(
  { clock, ids, commit }: Pick<Kernel, "clock" | "ids" | "commit">,
  table: Table<Uint8Array>,
): SmallBytes {
  const held = new Map<string, Uint8Array>();
  const bytes = (blob: string) => {
    const found = held.get(blob) ?? table.get(blob);
    if (!found) throw new Error(`There is no blob ${blob}.`);
    return found;
  };
  return {
    hold(given) {
      // The time first: what comes together lies together.
      const id = `${PREFIX}${clock.now().getTime().toString(36).padStart(9, "0")}${ids.token(16)}`;
      held.set(id, given);
      return { id, size: given.byteLength, md5: hash("md5", given, "hex") };
    },
    keep(blobs) {
      for (const id of blobs) {
        const given = held.get(id);
        if (!given) continue;
        table.put(id, given);
        held.delete(id);
      }
    },
    release: (blobs) => blobs.filter((id) => !isSmall(id) || !(held.delete(id) || table.delete(id))),
    bytes,
    slice: ({ blob, start, end }) => bytes(blob).subarray(start, end),
    discard(blobs) {
      const kept = blobs.filter((id) => !held.delete(id));
      if (kept.length > 0) void commit(() => kept.map((id) => table.delete(id))).catch(() => {});
    },
    list: () => table.keys(),
  };
}
