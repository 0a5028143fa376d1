import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { type RunningCrc, runningCrc32, runningCrc32c, runningCrc64 } from "./crc.ts";

const RUNNERS = { crc32: runningCrc32, crc32c: runningCrc32c, crc64: runningCrc64 };

/** Bit by bit, as the specifications write it. */
function plain(bytes: Uint8Array, polynomial: bigint, width: bigint): string {
  const ones = (1n << width) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return (crc ^ ones).toString(16).padStart(Number(width / 4n), "0");
}

const PLAIN: Record<keyof typeof RUNNERS, (bytes: Uint8Array) => string> = {
  crc32: (bytes) => plain(bytes, 0xedb88320n, 32n),
  crc32c: (bytes) => plain(bytes, 0x82f63b78n, 32n),
  crc64: (bytes) => plain(bytes, 0x9a6c9329ac4bc9b5n, 64n),
};

function fed(running: RunningCrc, bytes: Uint8Array, step: number): string {
  for (let at = 0; at < bytes.length; at += step) running.update(bytes.subarray(at, at + step));
  return running.digest().toString("hex");
}

it.each(Object.keys(RUNNERS) as (keyof typeof RUNNERS)[])(
  "%s is the same for every length and however it is cut",
  (name) => {
    const bytes = randomBytes(100);
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      for (const step of [1, 7, 8, 13, 100]) expect(fed(RUNNERS[name](), part, step)).toBe(PLAIN[name](part));
    }
  },
);
