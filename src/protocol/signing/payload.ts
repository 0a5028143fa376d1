import { createHash } from "node:crypto";
import { pipeline, type Readable, Transform, type TransformCallback } from "node:stream";
import { type AwsFault, fault } from "../fault.ts";
import type { WireRequest } from "../wire.ts";
import { type Checksum, checksumOf } from "./checksum.ts";
import { ChunkReader, incomplete } from "./chunks.ts";
import type { Verified } from "./verified.ts";

/**
 * The object's bytes out of what was sent: takes aws-chunked apart, checks signatures, hash, checksums and length while
 * they pass; the stream fails with an `AwsFault` when one does not hold, always before it ends.
 */
export function decodePayload(stream: Readable, verified: Verified | undefined, request: WireRequest): Readable {
  const check = verified?.payload;
  const framed = check?.kind === "chunked" || isChunked(request);
  const decoder = new PayloadDecoder({
    request,
    chunks: framed ? (sink) => new ChunkReader(check?.kind === "chunked" ? check.signing : undefined, sink) : undefined,
    sha256: check?.kind === "sha256" ? check.hash : undefined,
  });
  // A client that hangs up must fail the reader too; errors reach it as the decoder's own.
  pipeline(stream, decoder, () => undefined);
  return decoder;
}

/** The trailers of a decoded payload, by lower-case name; complete once the stream has ended. */
export function trailersOf(payload: Readable): Readonly<Record<string, string>> {
  return payload instanceof PayloadDecoder ? payload.trailers : {};
}

/** Of the checksum that a header or trailer of this name announced: asked once the payload has ended, gives it in base64. */
export function announcedChecksum(payload: unknown, name: string): (() => string) | undefined {
  return payload instanceof PayloadDecoder ? payload.checksum(name) : undefined;
}

/** Checks `content-md5` and `x-amz-checksum-*` of a body that is here whole. */
export function assertChecksums(request: WireRequest, body: Uint8Array): void {
  for (const expectation of announcedChecksums(request)) {
    expectation.checksum.update(body);
    assertChecksum(expectation, request.headers[expectation.name]);
  }
}

interface Expectation {
  readonly name: string;
  readonly checksum: Checksum;
  /** Whether its value comes after the body. */
  readonly trails: boolean;
}

interface DecoderOptions {
  readonly request: WireRequest;
  readonly chunks: ((sink: { data(bytes: Uint8Array): void }) => ChunkReader) | undefined;
  readonly sha256: string | undefined;
}

class PayloadDecoder extends Transform {
  readonly #chunks: ChunkReader | undefined;
  readonly #request: WireRequest;
  readonly #expectations: readonly Expectation[];
  readonly #verified = new Map<string, string>();
  readonly #sha256: { readonly expected: string; readonly hash: ReturnType<typeof createHash> } | undefined;
  #length = 0;

  constructor(options: DecoderOptions) {
    super();
    this.#request = options.request;
    this.#chunks = options.chunks?.({ data: (bytes) => this.#pass(bytes) });
    this.#expectations = announcedChecksums(options.request);
    this.#sha256 = options.sha256 === undefined ? undefined : { expected: options.sha256, hash: createHash("sha256") };
  }

  get trailers(): Readonly<Record<string, string>> {
    return this.#chunks?.trailers ?? {};
  }

  checksum(name: string): (() => string) | undefined {
    if (!this.#expectations.some((one) => one.name === name)) return undefined;
    return () => {
      const verified = this.#verified.get(name);
      if (verified === undefined) throw new Error(`The payload has not ended: its ${name} is not known yet.`);
      return verified;
    };
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      if (this.#chunks) this.#chunks.push(bytes);
      else this.#pass(bytes);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      this.#chunks?.end();
      this.#assertLength();
      for (const expectation of this.#expectations) {
        const { name, trails } = expectation;
        this.#verified.set(name, assertChecksum(expectation, (trails ? this.trailers : this.#request.headers)[name]));
      }
      if (this.#sha256 && this.#sha256.hash.digest("hex") !== this.#sha256.expected) throw hashMismatch();
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #pass(bytes: Uint8Array): void {
    this.#length += bytes.length;
    this.#sha256?.hash.update(bytes);
    for (const { checksum } of this.#expectations) checksum.update(bytes);
    this.push(bytes);
  }

  #assertLength(): void {
    const announced = this.#request.headers[this.#chunks ? "x-amz-decoded-content-length" : "content-length"];
    if (announced !== undefined && Number(announced) !== this.#length) throw incomplete();
  }
}

function isChunked(request: WireRequest): boolean {
  return (
    request.headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true ||
    /(?:^|,)\s*aws-chunked\b/.test(request.headers["content-encoding"] ?? "")
  );
}

function announcedChecksums(request: WireRequest): Expectation[] {
  const found: Expectation[] = [];
  for (const name in request.headers) {
    const checksum = name === "content-md5" || name.startsWith("x-amz-checksum-") ? checksumOf(name) : undefined;
    if (checksum) found.push({ name, checksum, trails: false });
  }
  for (const name of request.headers["x-amz-trailer"]?.split(",") ?? []) {
    const trailer = name.trim().toLowerCase();
    const checksum = checksumOf(trailer);
    if (checksum) found.push({ name: trailer, checksum, trails: true });
  }
  return found;
}

function assertChecksum({ name, checksum }: Expectation, given: string | undefined): string {
  const digest = checksum.digest();
  if (given !== digest) throw badDigest(name);
  return digest;
}

function badDigest(name: string): AwsFault {
  if (name === "content-md5")
    return fault("BadDigest", "The Content-MD5 you specified did not match what we received.");
  const algorithm = name.slice("x-amz-checksum-".length).toUpperCase();
  return fault("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

function hashMismatch(): AwsFault {
  return fault(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}
