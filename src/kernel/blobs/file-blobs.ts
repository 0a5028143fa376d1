import { createHash } from "node:crypto";
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { copyFile, type FileHandle, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomIds } from "#core";
import type { Blob, BlobSource, BlobStore } from "./blob-store.ts";

/** Blobs as files, in 256 folders by the first two characters of the id. One process at a time may have the folder open. */
export function openFileBlobs(folder: string): BlobStore {
  const incoming = join(folder, "incoming");
  const cutOff = clear(incoming);
  const shelves = new Shelves(folder);
  const owners = new Map<string, BlobStore>();
  const path = (id: string) => join(folder, id.slice(0, 2), assertId(id));
  return {
    path,
    async write(source, options = {}) {
      const id = newId();
      const temporary = join(incoming, id);
      const handle = await open(temporary, "wx", 0o600);
      try {
        const written = await fill(handle, source, options.signal);
        const shelf = await shelves.at(id);
        // Whole, so it may have its name; that both are on the disk is waited for at once. What a power cut leaves of it nobody knows.
        await rename(temporary, path(id));
        await settled([handle.datasync(), shelf.sync()]);
        await handle.close();
        return { id, ...written };
      } catch (error) {
        await handle.close().catch(() => {});
        for (const place of [temporary, path(id)]) await rm(place, { force: true });
        throw error;
      }
    },
    read(id, range) {
      // Opened here and now: a delete that follows does not take the bytes away from this reader.
      const fd = openSync(path(id), "r");
      if (range && range.end <= range.start) {
        closeSync(fd);
        throw new RangeError(`The range ${range.start} to ${range.end} is empty.`);
      }
      return createReadStream("", {
        fd,
        highWaterMark: READ_AHEAD,
        ...(range && { start: range.start, end: range.end - 1 }),
      });
    },
    bytes: async (id) => readFile(path(id)),
    async copy(id) {
      const copied = newId();
      const shelf = await shelves.at(copied);
      // Blobs never change, so a second name for the same file is a copy. Some file systems have no hard links.
      await link(path(id), path(copied)).catch(() => copyWhole(path(id), join(incoming, copied), path(copied)));
      await shelf.sync();
      return copied;
    },
    delete: (id) => rm(path(id), { force: true }),
    list: () =>
      readdirSync(folder)
        .filter((name) => /^[0-9a-f]{2}$/.test(name))
        .flatMap((shelf) => readdirSync(join(folder, shelf))),
    cutOff,
    within(owner) {
      if (!/^[a-z][a-z0-9-]*$/.test(owner)) throw new Error(`Not an owner: ${owner}`);
      const known = owners.get(owner) ?? openFileBlobs(join(folder, "of", owner));
      owners.set(owner, known);
      return known;
    },
  };
}

/** Answers how many files there were. */
function clear(folder: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = readdirSync(folder);
  for (const name of names) rmSync(join(folder, name), { force: true });
  return names.length;
}

function newId(): string {
  return randomIds.uuid().replaceAll("-", "");
}

async function copyWhole(from: string, temporary: string, to: string): Promise<void> {
  await copyFile(from, temporary);
  const handle = await open(temporary, "r+");
  await handle.datasync().finally(() => handle.close());
  await rename(temporary, to);
}

const READ_AHEAD = 256 * 1024;
/** Chunks of the network are small: they are gathered, so that hashing the next ones overlaps with writing the last. */
const BATCH = 1024 * 1024;

async function fill(
  handle: FileHandle,
  source: BlobSource,
  signal: AbortSignal | undefined,
): Promise<Omit<Blob, "id">> {
  signal?.throwIfAborted();
  const md5 = createHash("md5");
  if (source instanceof Uint8Array) {
    md5.update(source);
    await writeAll(handle, [source]);
    return { size: source.byteLength, md5: md5.digest("hex") };
  }
  const size = await drain(handle, source, (chunk) => {
    signal?.throwIfAborted();
    md5.update(chunk);
  });
  return { size, md5: md5.digest("hex") };
}

async function drain(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
  seen: (chunk: Uint8Array) => void,
): Promise<number> {
  const syncing = syncAlong(handle);
  let size = 0;
  let batch: Uint8Array[] = [];
  let gathered = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of source) {
      seen(chunk);
      batch.push(chunk);
      size += chunk.byteLength;
      gathered += chunk.byteLength;
      if (gathered < BATCH) continue;
      await writing;
      syncing.written(gathered);
      writing = writeAll(handle, batch);
      // Its failure is met at the next `await writing`; until then it must not count as unhandled.
      writing.catch(() => {});
      batch = [];
      gathered = 0;
    }
  } finally {
    // Nothing may still be writing when the caller closes the file.
    await settled([writing, syncing.end()]);
  }
  await writeAll(handle, batch);
  return size;
}

/** So many bytes are worth a sync of their own. */
const SYNC_EVERY = 16 * 1024 * 1024;

/** The disk works while the rest still comes: what the last sync has left to do is little. */
function syncAlong(handle: FileHandle): { written(bytes: number): void; end(): Promise<void> } {
  let since = 0;
  let running: Promise<void> | undefined;
  return {
    written(bytes) {
      since += bytes;
      if (since < SYNC_EVERY || running) return;
      since = 0;
      running = handle.datasync().then(() => (running = undefined));
      // Met by `end`; until then it must not count as unhandled.
      running.catch(() => {});
    },
    end: async () => running,
  };
}

/** All have ended, whichever fails: the caller closes what they work on. */
async function settled(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let rest = chunks.filter((chunk) => chunk.byteLength > 0);
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest);
    while (rest[0] && bytesWritten >= rest[0].byteLength) {
      bytesWritten -= rest[0].byteLength;
      rest = rest.slice(1);
    }
    if (rest[0] && bytesWritten > 0) rest = [rest[0].subarray(bytesWritten), ...rest.slice(1)];
  }
}

/** The 256 folders, each made when first needed; synced, so that a name in it survives a power cut. */
class Shelves {
  readonly #folder: string;
  readonly #made = new Map<string, Promise<{ sync(): Promise<void> }>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  at(id: string): Promise<{ sync(): Promise<void> }> {
    const name = id.slice(0, 2);
    const known = this.#made.get(name);
    if (known) return known;
    const made = this.#make(name);
    this.#made.set(name, made);
    made.catch(() => this.#made.delete(name));
    return made;
  }

  async #make(name: string): Promise<{ sync(): Promise<void> }> {
    const path = join(this.#folder, name);
    await mkdir(path, { mode: 0o700, recursive: true });
    await syncFolder(this.#folder);
    return { sync: () => syncFolder(path) };
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** An id is ours or it is a bug: it never comes from a request, and never leaves the folder. */
function assertId(id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Error(`Not a blob id: ${JSON.stringify(id)}`);
  return id;
}
