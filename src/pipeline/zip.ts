import { createWriteStream } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { crc32, deflateRaw } from "node:zlib";

export interface ZipEntry {
  /** In the zip. */
  readonly name: string;
  /** On the disk. */
  readonly file: string;
}

/** The same bytes for the same files: entries sorted by name, no times. */
export async function writeZip(path: string, entries: readonly ZipEntry[]): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  const out = createWriteStream(partial);
  try {
    await writeEntries(
      out,
      [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
    out.end();
    await finished(out);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

const deflate = promisify(deflateRaw) as (data: Buffer, options: { level: number }) => Promise<Buffer>;
/** 1 January 1980, the first day of zip's calendar. */
const DATE = 0x0021;
const DEFLATED = 8;

async function writeEntries(out: Writable, entries: readonly ZipEntry[]): Promise<void> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = await readFile(entry.file);
    // Level 1: native code is most of it, and more effort saves little.
    const packed = await deflate(data, { level: 1 });
    const name = Buffer.from(entry.name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x0800, 2);
    shared.writeUInt16LE(DEFLATED, 4);
    shared.writeUInt16LE(DATE, 8);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(data.length, 18);
    shared.writeUInt16LE(name.length, 22);
    out.write(Buffer.concat([Buffer.from("PK\x03\x04"), shared, name]));
    out.write(packed);
    directory.push(directoryEntry(shared, name, offset));
    offset += 30 + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  out.write(central);
  out.write(end);
}

function directoryEntry(shared: Buffer, name: Buffer, offset: number): Buffer {
  const entry = Buffer.alloc(46);
  entry.write("PK\x01\x02", 0, "latin1");
  // Made by Unix, so that Lambda sees permissions: readable by all.
  entry.writeUInt16LE(0x0314, 4);
  shared.copy(entry, 6);
  entry.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}
