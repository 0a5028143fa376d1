import type { S3Context } from "./state.ts";

/** Where an object is read over the wire, path style. */
export function urlOf(ctx: S3Context, bucket: string, key: string): string {
  return `${ctx.kernel.endpoint}/${bucket}/${encodeURIComponent(key)}`;
}
