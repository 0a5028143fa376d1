import { crc32 } from "node:zlib";

/** A checksum that is fed piece by piece. */
export interface RunningCrc {
  update(chunk: Uint8Array): void;
  /** Big-endian, as AWS's headers carry it. */
  digest(): Buffer;
}

export function runningCrc32(): RunningCrc {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest: () => bigEndian32(value),
  };
}

// The two below take eight bytes a step by eight tables: one byte a step waits for the table at every byte.

export function runningCrc32c(): RunningCrc {
  const t = (crc32cTables ??= makeTables32(0x82f63b78));
  let crc = -1;
  return {
    update(chunk) {
      let c = crc;
      let i = 0;
      for (const last = chunk.length - 8; i <= last; i += 8) {
        c ^= chunk[i]! | (chunk[i + 1]! << 8) | (chunk[i + 2]! << 16) | (chunk[i + 3]! << 24);
        c =
          t[1792 | (c & 0xff)]! ^
          t[1536 | ((c >>> 8) & 0xff)]! ^
          t[1280 | ((c >>> 16) & 0xff)]! ^
          t[1024 | (c >>> 24)]! ^
          t[768 | chunk[i + 4]!]! ^
          t[512 | chunk[i + 5]!]! ^
          t[256 | chunk[i + 6]!]! ^
          t[chunk[i + 7]!]!;
      }
      for (; i < chunk.length; i++) c = t[(c ^ chunk[i]!) & 0xff]! ^ (c >>> 8);
      crc = c;
    },
    digest: () => bigEndian32(~crc),
  };
}

/** CRC-64/NVME, what the AWS CLI sends. In two halves of 32 bits: BigInt would be a hundred times slower. */
export function runningCrc64(): RunningCrc {
  const { high: hs, low: ls } = (crc64Tables ??= makeTables64());
  let high = -1;
  let low = -1;
  return {
    update(chunk) {
      let h = high;
      let l = low;
      let i = 0;
      for (const last = chunk.length - 8; i <= last; i += 8) {
        const a = 1792 | ((l ^ chunk[i]!) & 0xff);
        const b = 1536 | (((l >>> 8) ^ chunk[i + 1]!) & 0xff);
        const c = 1280 | (((l >>> 16) ^ chunk[i + 2]!) & 0xff);
        const d = 1024 | ((l >>> 24) ^ chunk[i + 3]!);
        const e = 768 | ((h ^ chunk[i + 4]!) & 0xff);
        const f = 512 | (((h >>> 8) ^ chunk[i + 5]!) & 0xff);
        const g = 256 | (((h >>> 16) ^ chunk[i + 6]!) & 0xff);
        const k = (h >>> 24) ^ chunk[i + 7]!;
        l = ls[a]! ^ ls[b]! ^ ls[c]! ^ ls[d]! ^ ls[e]! ^ ls[f]! ^ ls[g]! ^ ls[k]!;
        h = hs[a]! ^ hs[b]! ^ hs[c]! ^ hs[d]! ^ hs[e]! ^ hs[f]! ^ hs[g]! ^ hs[k]!;
      }
      for (; i < chunk.length; i++) {
        const at = (l ^ chunk[i]!) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ ls[at]!;
        h = (h >>> 8) ^ hs[at]!;
      }
      high = h;
      low = l;
    },
    digest: () => Buffer.concat([bigEndian32(~high), bigEndian32(~low)]),
  };
}

let crc32cTables: Int32Array | undefined;
let crc64Tables: { readonly high: Int32Array; readonly low: Int32Array } | undefined;

/** Table 0 is a byte's checksum; table k that of a byte with k zero bytes behind it. All in one array. */
function makeTables32(polynomial: number): Int32Array {
  const t = new Int32Array(2048);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    t[byte] = value;
  }
  for (let i = 256; i < 2048; i++) t[i] = (t[i - 256]! >>> 8) ^ t[t[i - 256]! & 0xff]!;
  return t;
}

function makeTables64(): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(2048);
  const low = new Int32Array(2048);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= 0x9a6c9329;
        l ^= 0xac4bc9b5;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  for (let i = 256; i < 2048; i++) {
    const [h, l] = [high[i - 256]!, low[i - 256]!];
    high[i] = (h >>> 8) ^ high[l & 0xff]!;
    low[i] = ((l >>> 8) | (h << 24)) ^ low[l & 0xff]!;
  }
  return { high, low };
}

function bigEndian32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
