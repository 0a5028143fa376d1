import { Readable } from "node:stream";
import { type Blob, readAll } from "#kernel";
import { announcedChecksum, fault } from "#protocol";
import { objectBytes } from "./bytes.ts";
import { assertChecksum, type ChecksumMembers, type Expected, expectedChecksum, watch } from "./checksums.ts";
import { SMALL } from "./small-bytes.ts";
import type { ChecksumName, S3Context, StoredChecksum } from "./state.ts";

export interface Received {
  readonly blob: Blob;
  readonly checksum?: StoredChecksum;
}

interface Sent extends ChecksumMembers {
  readonly Body?: AsyncIterable<Uint8Array> | Uint8Array | undefined;
  readonly ContentMD5?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
}

/** AWS: the most that one PutObject or UploadPart takes. */
export const MOST_AT_ONCE = 5 * 1024 ** 3;

/** Writes the body of a request, checked against what the client said of it. On any mismatch nothing is kept. */
export async function receive(ctx: S3Context, input: Sent, assumed?: ChecksumName): Promise<Received> {
  const { ContentLength: length = 0, ContentMD5: header } = input;
  const md5 = expectedMd5(header);
  const expected = expectedChecksum(input) ?? (assumed && { algorithm: assumed });
  assertSize(length);
  const bytes = ctx.kernel.live(objectBytes);
  const body = await bodyOf(input);
  const watched = expected && (alreadyWatched(input.Body, body, expected) ?? watch(body, expected.algorithm));
  const blob = await bytes.write(watched?.source ?? body, length);
  try {
    assertSize(blob.size);
    if (header !== undefined && md5 !== blob.md5) throw md5Mismatch(header, blob.md5);
    if (!expected || !watched) return { blob };
    const value = watched.digest();
    assertChecksum(expected, value);
    return { blob, checksum: { algorithm: expected.algorithm, type: "FULL_OBJECT", value } };
  } catch (error) {
    await bytes.discard([blob.id]);
    throw error;
  }
}

/** A small one at once: an iterator costs more than its bytes. */
async function bodyOf({ Body: body = new Uint8Array(), ContentLength: length = 0 }: Sent) {
  return body instanceof Readable && length > 0 && length <= SMALL ? readAll(body, SMALL) : body;
}

/** What the request announced is computed where it comes in, and not once more. */
function alreadyWatched(sent: Sent["Body"], source: AsyncIterable<Uint8Array> | Uint8Array, { algorithm }: Expected) {
  const digest = announcedChecksum(sent, `x-amz-checksum-${algorithm.toLowerCase()}`);
  return digest && { source, digest };
}

function expectedMd5(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, "base64");
  if (bytes.length === 16) return bytes.toString("hex");
  throw fault("InvalidDigest", "The Content-MD5 you specified was invalid.", {
    status: 400,
    members: { "Content-MD5": header },
  });
}

function md5Mismatch(expected: string, actual: string) {
  return fault("BadDigest", "The Content-MD5 you specified did not match what we received.", {
    status: 400,
    members: { ExpectedDigest: expected, CalculatedDigest: Buffer.from(actual, "hex").toString("base64") },
  });
}

function assertSize(size: number): void {
  if (size <= MOST_AT_ONCE) return;
  throw fault("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
    status: 400,
    members: { ProposedSize: size, MaxSizeAllowed: MOST_AT_ONCE },
  });
}
