import { createHash, hash } from "node:crypto";
import { fault } from "../fault.ts";
import type { ChunkSigning } from "./verified.ts";

const NOTHING = hash("sha256", "", "hex");
const LONGEST_LINE = 4096;
const EMPTY = Buffer.alloc(0);

/** What comes out of the framing, in order. */
export interface ChunkSink {
  data(bytes: Uint8Array): void;
}

/**
 * aws-chunked: `‹hex size›;chunk-signature=‹hex›\r\n‹bytes›\r\n …` up to a chunk of size 0, then trailers.
 * Each chunk's signature covers the one before it; they are checked as the chunks end.
 */
export class ChunkReader {
  readonly trailers: Record<string, string> = {};
  #state: "size" | "data" | "after" | "trailer" | "end" = "size";
  #line: Buffer = EMPTY;
  #left = 0;
  #announced = "";
  #previous: string;
  #hash = createHash("sha256");
  readonly #signing: ChunkSigning | undefined;
  readonly #sink: ChunkSink;

  constructor(signing: ChunkSigning | undefined, sink: ChunkSink) {
    this.#signing = signing;
    this.#sink = sink;
    this.#previous = signing?.seed ?? "";
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.#state !== "end") {
      rest = this.#state === "data" ? this.#takeData(rest) : this.#takeLine(rest);
    }
  }

  /** The stream ended: so must have the framing. */
  end(): void {
    // Some clients leave out the empty line after the last chunk.
    if (this.#state === "end" || this.#state === "trailer") return;
    throw incomplete();
  }

  #takeData(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    if (this.#signing) this.#hash.update(part);
    this.#sink.data(part);
    if (this.#left === 0) this.#state = "after";
    return bytes.subarray(part.length);
  }

  #takeLine(bytes: Buffer): Buffer {
    const end = bytes.indexOf(10);
    const part = end < 0 ? bytes : bytes.subarray(0, end);
    if (this.#line.length + part.length > LONGEST_LINE) throw malformed("a line of the framing is too long");
    this.#line = this.#line.length === 0 ? Buffer.from(part) : Buffer.concat([this.#line, part]);
    if (end < 0) return EMPTY;
    const line = this.#line.toString("latin1").replace(/\r$/, "");
    this.#line = EMPTY;
    this.#onLine(line);
    return bytes.subarray(end + 1);
  }

  #onLine(line: string): void {
    if (this.#state === "size") this.#onSize(line);
    else if (this.#state === "after") this.#onChunkEnd(line);
    else if (line === "") this.#state = "end";
    else this.#onTrailer(line);
  }

  #onSize(line: string): void {
    const [size = "", ...extensions] = line.split(";");
    if (!/^[0-9a-fA-F]{1,12}$/.test(size)) throw malformed("a chunk's size is not a number");
    this.#left = Number.parseInt(size, 16);
    this.#announced = extensions.find((part) => part.startsWith("chunk-signature="))?.slice(16) ?? "";
    if (this.#left > 0) this.#state = "data";
    else {
      this.#check();
      this.#state = "trailer";
    }
  }

  #onChunkEnd(line: string): void {
    if (line !== "") throw malformed("a chunk is longer than its size");
    this.#check();
    this.#state = "size";
  }

  #onTrailer(line: string): void {
    const colon = line.indexOf(":");
    if (colon < 1) throw malformed("a trailer has no name");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") this.#checkTrailer(value);
    else this.trailers[name] = value;
  }

  #check(): void {
    if (!this.#signing) return;
    const digest = this.#hash.digest("hex");
    this.#hash = createHash("sha256");
    this.#expect(this.#announced, `AWS4-HMAC-SHA256-PAYLOAD\n${this.#chain()}\n${NOTHING}\n${digest}`);
  }

  #checkTrailer(signature: string): void {
    if (!this.#signing) return;
    const lines = Object.entries(this.trailers).map(([name, value]) => `${name}:${value}\n`);
    this.#expect(signature, `AWS4-HMAC-SHA256-TRAILER\n${this.#chain()}\n${hash("sha256", lines.join(""), "hex")}`);
  }

  #chain(): string {
    return `${this.#signing?.date}\n${this.#signing?.scope}\n${this.#previous}`;
  }

  #expect(signature: string, text: string): void {
    if (!this.#signing) return;
    const expected = this.#signing.key.sign(text);
    if (expected !== signature) {
      throw fault(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        { status: 403 },
      );
    }
    this.#previous = signature;
  }
}

export function incomplete() {
  return fault("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header");
}

function malformed(why: string) {
  return fault("InvalidChunk", `The aws-chunked body is not well formed: ${why}.`);
}
