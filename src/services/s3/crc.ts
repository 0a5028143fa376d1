import { crc32 } from "node:zlib";

/** A checksum that is fed piece by piece. */
export interface Running {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

export function runningCrc32(): Running {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest: () => bigEndian32(value),
  };
}

export function runningCrc32c(): Running {
  const table = (crc32cTable ??= makeTable32(0x82f63b78));
  let crc = -1;
  return {
    update(chunk) {
      let value = crc;
      for (let i = 0; i < chunk.length; i++) value = table[(value ^ chunk[i]!) & 0xff]! ^ (value >>> 8);
      crc = value;
    },
    digest: () => bigEndian32(~crc),
  };
}

/** CRC-64/NVME, what the AWS CLI sends. In two halves of 32 bits: BigInt would be a hundred times slower. */
export function runningCrc64(): Running {
  const { high: highs, low: lows } = (crc64Table ??= makeTable64());
  let high = -1;
  let low = -1;
  return {
    update(chunk) {
      let h = high;
      let l = low;
      for (let i = 0; i < chunk.length; i++) {
        const at = (l ^ chunk[i]!) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ lows[at]!;
        h = (h >>> 8) ^ highs[at]!;
      }
      high = h;
      low = l;
    },
    digest: () => Buffer.concat([bigEndian32(~high), bigEndian32(~low)]),
  };
}

export type CrcName = "CRC32" | "CRC32C" | "CRC64NVME";

/** Reflected polynomials. */
const POLYNOMIALS: Record<CrcName, bigint> = {
  CRC32: 0xedb88320n,
  CRC32C: 0x82f63b78n,
  CRC64NVME: 0x9a6c9329ac4bc9b5n,
};

/** The checksum of A and B together out of both checksums and B's length: `crc(A)·x^(8·|B|) + crc(B)` modulo the polynomial. */
export function combineCrc(
  name: CrcName,
  parts: readonly { readonly digest: Buffer; readonly size: number }[],
): Buffer {
  const field = { polynomial: POLYNOMIALS[name], width: name === "CRC64NVME" ? 64n : 32n };
  const shifts = new Map<number, bigint>();
  let total = 0n;
  for (const { digest, size } of parts) {
    let shift = shifts.get(size);
    if (shift === undefined) shifts.set(size, (shift = powerOfX(field, 8n * BigInt(size))));
    total = multiply(field, shift, total) ^ BigInt(`0x${digest.toString("hex")}`);
  }
  return Buffer.from(total.toString(16).padStart(Number(field.width / 4n), "0"), "hex");
}

interface Field {
  readonly polynomial: bigint;
  readonly width: bigint;
}

/** Reflected: the highest bit stands for x⁰. */
function multiply({ polynomial, width }: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = width - 1n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}

function powerOfX(field: Field, exponent: bigint): bigint {
  let result = 1n << (field.width - 1n);
  let square = 1n << (field.width - 2n);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(field, square, result);
    square = multiply(field, square, square);
  }
  return result;
}

let crc32cTable: Int32Array | undefined;
let crc64Table: { readonly high: Int32Array; readonly low: Int32Array } | undefined;

function makeTable32(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
}

function makeTable64(): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let index = 0; index < 256; index++) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIALS.CRC64NVME : value >> 1n;
    high[index] = Number(BigInt.asIntN(32, value >> 32n));
    low[index] = Number(BigInt.asIntN(32, value));
  }
  return { high, low };
}

function bigEndian32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
