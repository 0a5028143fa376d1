import { gunzipSync } from "node:zlib";

/** The files of a tar.gz, by their paths; what is longer than the limit when unpacked is refused by zlib. */
export function untar(archive: Uint8Array, limit: number): ReadonlyMap<string, Buffer> {
  const tar = gunzipSync(archive, { maxOutputLength: limit });
  const files = new Map<string, Buffer>();
  let long: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    const name = text(header, 0, 100);
    if (name === "" && header.every((byte) => byte === 0)) break;
    const size = Number.parseInt(text(header, 124, 12).trim() || "0", 8);
    const body = tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "L") long = text(body, 0, size);
    else if (type === "x") long = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(body.toString("utf8"))?.[1] ?? long;
    else {
      if (type === "0" || type === "\0") files.set(clean(long ?? join(text(header, 345, 155), name)), body);
      long = undefined;
    }
  }
  return files;
}

const BLOCK = 512;

function text(bytes: Uint8Array, from: number, length: number): string {
  const field = Buffer.from(bytes.buffer, bytes.byteOffset + from, length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? length : end);
}

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}/${name}`;
}

function clean(path: string): string {
  return path.replace(/^(\.\/)+/, "");
}
