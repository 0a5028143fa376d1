import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A checksum that grows with the bytes; `digest` gives it in base64, as AWS's headers carry it. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): string;
}

const PREFIX = "x-amz-checksum-";

/** From a header's name, `x-amz-checksum-crc32`; undefined when it names no checksum that we know. */
export function checksumOf(header: string): Checksum | undefined {
  if (header === "content-md5") return hashing("md5");
  if (!header.startsWith(PREFIX)) return undefined;
  switch (header.slice(PREFIX.length)) {
    case "crc32":
      return crc32Checksum((bytes, before) => crc32(bytes, before));
    case "crc32c":
      return crc32Checksum(crc32c);
    case "crc64nvme":
      return crc64Checksum();
    case "sha1":
      return hashing("sha1");
    case "sha256":
      return hashing("sha256");
    default:
      return undefined;
  }
}

function hashing(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("base64") };
}

function crc32Checksum(step: (bytes: Uint8Array, before: number) => number): Checksum {
  let value = 0;
  return {
    update(bytes) {
      value = step(bytes, value);
    },
    digest() {
      const result = Buffer.alloc(4);
      result.writeUInt32BE(value >>> 0);
      return result.toString("base64");
    },
  };
}

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function crc32c(bytes: Uint8Array, before: number): number {
  let value = ~before;
  for (let i = 0; i < bytes.length; i++) {
    value = (CRC32C_TABLE[(value ^ (bytes[i] as number)) & 0xff] as number) ^ (value >>> 8);
  }
  return ~value >>> 0;
}

// CRC-64/NVME, reflected; two halves of 32 bits, since BigInt is a hundred times slower.
const POLYNOMIAL_HIGH = 0x9a6c9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
const CRC64_HIGH = new Uint32Array(256);
const CRC64_LOW = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (odd) {
      high = (high ^ POLYNOMIAL_HIGH) >>> 0;
      low = (low ^ POLYNOMIAL_LOW) >>> 0;
    }
  }
  CRC64_HIGH[byte] = high;
  CRC64_LOW[byte] = low;
}

function crc64Checksum(): Checksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(bytes) {
      for (let i = 0; i < bytes.length; i++) {
        const index = (low ^ (bytes[i] as number)) & 0xff;
        low = (((low >>> 8) | (high << 24)) ^ (CRC64_LOW[index] as number)) >>> 0;
        high = ((high >>> 8) ^ (CRC64_HIGH[index] as number)) >>> 0;
      }
    },
    digest() {
      const result = Buffer.alloc(8);
      result.writeUInt32BE(~high >>> 0, 0);
      result.writeUInt32BE(~low >>> 0, 4);
      return result.toString("base64");
    },
  };
}
