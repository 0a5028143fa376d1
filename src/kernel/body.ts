import type { Readable } from "node:stream";
import { fault } from "#protocol";

/** The whole of a body that is not streamed. Throws when it is larger than `limit` bytes, or when the client goes away. */
export function readAll(stream: Readable, limit: number): Promise<Buffer> {
  // By events: every request passes here, and an iterator takes several times as long.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: unknown) => {
      stream.off("data", take).off("end", end).off("close", close).off("error", stop);
      // What else comes of it is the server's to throw away; an error of it is nobody's.
      stream.pause().on("error", () => {});
      reject(error);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else stop(fault("RequestEntityTooLargeException", `The body is larger than ${limit} bytes.`, { status: 413 }));
    };
    const end = () => {
      stream.off("close", close);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const close = () => stop(fault("RequestTimeout", "The connection was closed before the body was complete."));
    if (stream.readableEnded) return end();
    if (stream.destroyed) return close();
    // None of the last three comes twice, and `once` makes an object and a function for each.
    stream.on("data", take).on("end", end).on("close", close).on("error", stop);
  });
}

/** An output's payload as text, whichever form the service gave it. */
export async function textOf(payload: Readable | Uint8Array | string | undefined): Promise<string> {
  if (payload === undefined || typeof payload === "string") return payload ?? "";
  const bytes = payload instanceof Uint8Array ? payload : await readAll(payload, Number.POSITIVE_INFINITY);
  return Buffer.from(bytes).toString("utf8");
}
