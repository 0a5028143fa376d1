import { gunzipSync } from "node:zlib";
import { fault } from "./fault.ts";
import type { ServiceModel } from "./model.ts";
import type { WireRequest } from "./wire.ts";

/** Whether the client made its body smaller. AWS: what is signed is the smaller one. */
export function isCompressed(request: WireRequest): boolean {
  return request.headers["content-encoding"] === "gzip";
}

/** AWS: the trait `requestCompression`; clients compress what is longer than 10 KB (PutMetricData). */
export function takesCompressed(model: ServiceModel, operation: string): boolean {
  return model.operations[operation]?.requestcompression?.encodings.includes("gzip") === true;
}

/** The body as it was, if that has at most `most` bytes. */
export function decompress(body: Uint8Array, most: number): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: most });
  } catch {
    throw fault("SerializationException", "The body is not what Content-Encoding says, or too long.", { status: 400 });
  }
}
