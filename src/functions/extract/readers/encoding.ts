import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** The file itself when it is UTF-8, otherwise a copy that is: UTF-16 by its mark or its zeros, or Windows-1252 (latin-1 is a part of it), which every byte can be. */
export async function toUtf8(
  file: string,
  folder: string,
  given?: string,
): Promise<{ readonly file: string; readonly encoding: string }> {
  const encoding = given ?? (await encodingOf(file));
  if (encoding === "utf-8") return { file, encoding };
  const copy = join(folder, "utf8.txt");
  await pipeline(
    createReadStream(file),
    (chunks: AsyncIterable<Buffer>) => decode(chunks, encoding),
    createWriteStream(copy),
  );
  return { file: copy, encoding };
}

/** UTF-16 has a zero in every second byte of a text with separators. */
export function utf16Of(head: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const zerosAt = (rest: number) => head.reduce((count, byte, i) => count + (byte === 0 && i % 2 === rest ? 1 : 0), 0);
  const [even, odd, most] = [zerosAt(0), zerosAt(1), head.length * 0.35];
  if (head.length < 8) return undefined;
  if (odd > most && even < odd / 10) return "utf-16le";
  return even > most && odd < even / 10 ? "utf-16be" : undefined;
}

async function encodingOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
  const utf16 = utf16Of(buffer.subarray(0, bytesRead));
  if (utf16) return utf16;
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
