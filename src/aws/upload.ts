import type { Readable } from "node:stream";
import type { S3 } from "@aws-sdk/client-s3";

/** Puts a stream of any length into a bucket, in parts when it is long. */
export async function upload(
  s3: S3,
  object: {
    readonly bucket: string;
    readonly key: string;
    readonly body: Readable | Uint8Array | string;
    readonly contentType?: string;
  },
  options: { readonly onProgress?: (bytes: number) => void; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { Upload } = await import("@aws-sdk/lib-storage");
  const running = new Upload({
    client: s3,
    params: {
      Bucket: object.bucket,
      Key: object.key,
      Body: object.body,
      ...(object.contentType && { ContentType: object.contentType }),
    },
    partSize: 16 * 1024 * 1024,
  });
  running.on("httpUploadProgress", (progress) => options.onProgress?.(progress.loaded ?? 0));
  const abort = () => void running.abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    await running.done();
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}
