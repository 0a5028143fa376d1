import type { Readable } from "node:stream";
import { fault } from "#protocol";

/** The whole of a body that is not streamed. Throws when it is larger than `limit` bytes. */
export async function readAll(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      throw fault("RequestEntityTooLargeException", `The body is larger than ${limit} bytes.`, { status: 413 });
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

/** An output's payload as text, whichever form the service gave it. */
export async function textOf(payload: Readable | Uint8Array | string | undefined): Promise<string> {
  if (payload === undefined || typeof payload === "string") return payload ?? "";
  const bytes = payload instanceof Uint8Array ? payload : await readAll(payload, Number.POSITIVE_INFINITY);
  return Buffer.from(bytes).toString("utf8");
}
