import { createHash } from "node:crypto";
import { type RunningCrc, runningCrc32, runningCrc32c, runningCrc64 } from "#core";

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
      return crc(runningCrc32());
    case "crc32c":
      return crc(runningCrc32c());
    case "crc64nvme":
      return crc(runningCrc64());
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

function crc(running: RunningCrc): Checksum {
  return { update: (bytes) => running.update(bytes), digest: () => running.digest().toString("base64") };
}
