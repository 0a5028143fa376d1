import { createHash } from "node:crypto";
import { type RunningCrc, runningCrc32, runningCrc32c, runningCrc64 } from "#core";
import { fault } from "#protocol";
import { combineCrc } from "./crc.ts";
import { invalidRequest, notImplemented } from "./faults.ts";
import type { ChecksumName, Piece, StoredChecksum } from "./state.ts";

/** The checksum members that requests and answers share. */
export interface ChecksumMembers {
  ChecksumCRC32?: string | undefined;
  ChecksumCRC32C?: string | undefined;
  ChecksumCRC64NVME?: string | undefined;
  ChecksumSHA1?: string | undefined;
  ChecksumSHA256?: string | undefined;
}

const RUNNERS: Record<ChecksumName, () => RunningCrc> = {
  CRC32: runningCrc32,
  CRC32C: runningCrc32c,
  CRC64NVME: runningCrc64,
  SHA1: () => createHash("sha1"),
  SHA256: () => createHash("sha256"),
};
const NAMES = Object.keys(RUNNERS) as ChecksumName[];
const LENGTHS: Record<ChecksumName, number> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };

/** What the client said about the bytes it sends: an algorithm, and its value unless that follows in a trailer. */
export interface Expected {
  readonly algorithm: ChecksumName;
  readonly value?: string;
}

export function expectedChecksum(
  input: ChecksumMembers & { readonly ChecksumAlgorithm?: string | undefined },
): Expected | undefined {
  const sent = NAMES.filter((name) => input[`Checksum${name}`] !== undefined);
  const [algorithm] = sent;
  if (sent.length > 1)
    throw invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  refuseUnknown(input);
  if (algorithm === undefined) {
    return input.ChecksumAlgorithm === undefined ? undefined : { algorithm: requireAlgorithm(input.ChecksumAlgorithm) };
  }
  const value = input[`Checksum${algorithm}`] ?? "";
  assertForm(algorithm, value);
  return { algorithm, value };
}

export function requireAlgorithm(name: string): ChecksumName {
  if (Object.hasOwn(RUNNERS, name)) return name as ChecksumName;
  throw notImplemented(`checksums of the algorithm ${name}`);
}

function refuseUnknown(input: object): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || !/^Checksum(MD5|SHA512|XXHASH)/.test(member)) continue;
    throw notImplemented(`checksums of the algorithm ${member.slice("Checksum".length)}`);
  }
}

function assertForm(algorithm: ChecksumName, value: string): void {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length === LENGTHS[algorithm] && bytes.toString("base64") === value) return;
  throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
}

/** Lets bytes pass and computes on the way. Ask `digest` when they have passed. */
export function watch(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  algorithm: ChecksumName,
): { readonly source: AsyncIterable<Uint8Array> | Uint8Array; digest(): string } {
  const running = RUNNERS[algorithm]();
  const digest = () => running.digest().toString("base64");
  if (source instanceof Uint8Array) {
    running.update(source);
    return { source, digest };
  }
  return { source: passing(source, running), digest };
}

async function* passing(source: AsyncIterable<Uint8Array>, running: RunningCrc): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    running.update(chunk);
    yield chunk;
  }
}

export function assertChecksum(expected: Expected, actual: string): void {
  if (expected.value === undefined || expected.value === actual) return;
  throw fault("BadDigest", `The ${expected.algorithm} you specified did not match the calculated checksum.`, {
    status: 400,
  });
}

/** The checksum of an object out of those of its parts. */
export function checksumOfParts(
  { algorithm, type }: Pick<StoredChecksum, "algorithm" | "type">,
  parts: readonly Piece[],
): StoredChecksum {
  const digests = parts.map(({ checksum, size }) => ({ digest: Buffer.from(checksum ?? "", "base64"), size }));
  if (type === "COMPOSITE") {
    const running = RUNNERS[algorithm]();
    for (const { digest } of digests) running.update(digest);
    return { algorithm, type, value: `${running.digest().toString("base64")}-${parts.length}` };
  }
  if (algorithm === "SHA1" || algorithm === "SHA256")
    throw new Error(`A full-object ${algorithm} cannot be made of parts.`);
  return { algorithm, type, value: combineCrc(algorithm, digests).toString("base64") };
}

/** As members of an answer. */
export function shownChecksum(
  checksum: StoredChecksum | undefined,
): ChecksumMembers & { ChecksumType?: StoredChecksum["type"] } {
  if (!checksum) return {};
  return { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };
}
