import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type RunningCrc, runningCrc32, runningCrc32c, runningCrc64 } from "#core";
import { combineCrc, type CrcName } from "./crc.ts";

const RUNNERS: Record<CrcName, () => RunningCrc> = {
  CRC32: runningCrc32,
  CRC32C: runningCrc32c,
  CRC64NVME: runningCrc64,
};

function crc(name: CrcName, ...pieces: Uint8Array[]): Buffer {
  const running = RUNNERS[name]();
  for (const piece of pieces) running.update(piece);
  return running.digest();
}

describe.each(Object.keys(RUNNERS) as CrcName[])("%s", (name) => {
  it("has the check value of its specification", () => {
    const known = { CRC32: "cbf43926", CRC32C: "e3069283", CRC64NVME: "ae8b14860a799888" };
    expect(crc(name, Buffer.from("123456789")).toString("hex")).toBe(known[name]);
    expect(crc(name, Buffer.from("1234"), Buffer.from("56789")).toString("hex")).toBe(known[name]);
  });

  it("combines those of parts into that of the whole", () => {
    const whole = randomBytes(100_003);
    const cuts = [0, 1, 1, 40_000, 80_000, 100_003];
    const parts = cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end));
    const combined = combineCrc(
      name,
      parts.map((part) => ({ digest: crc(name, part), size: part.length })),
    );
    expect(combined.toString("hex")).toBe(crc(name, whole).toString("hex"));
  });
});
