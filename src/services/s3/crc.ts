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
