import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** The file itself when it is UTF-8, otherwise a copy that is: UTF-16 by its mark, or Windows-1252, which every byte can be. */
export async function toUtf8(file: string, folder: string): Promise<string> {
  const encoding = await encodingOf(file);
  if (encoding === "utf-8") return file;
  const copy = join(folder, "utf8.txt");
  await pipeline(
    createReadStream(file),
    (chunks: AsyncIterable<Buffer>) => decode(chunks, encoding),
    createWriteStream(copy),
  );
  return copy;
}

async function encodingOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return "utf-16le";
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return "utf-16be";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }))
      decoder.decode(chunk as Buffer, { stream: true });
    decoder.decode();
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}

async function* decode(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
