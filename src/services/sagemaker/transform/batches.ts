import { BadData } from "./bad-data.ts";

export interface Cutting {
  readonly byLine: boolean;
  /** Only one record in a request. */
  readonly single: boolean;
  /** Bytes of a request at most: a record that is larger is an error. */
  readonly most: number;
  /** Bytes of a request when a smaller one does as well. */
  readonly wanted?: number;
}

/** The records of one request to the model. */
export type Batch = readonly Buffer[];

/** Cuts what an object has into requests, holding no more than one of them. Empty lines are no records. */
export async function* toBatches(source: AsyncIterable<Uint8Array>, cutting: Cutting): AsyncGenerator<Batch> {
  if (!cutting.byLine) {
    yield [await wholeOf(source, cutting.most)];
    return;
  }
  const full = Math.min(cutting.wanted ?? cutting.most, cutting.most);
  let batch: Buffer[] = [];
  let bytes = 0;
  for await (const lines of linesOf(source, cutting.most)) {
    for (const line of lines) {
      if (batch.length > 0 && (cutting.single || bytes + line.length + 1 > full)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(line);
      bytes += line.length + 1;
    }
  }
  if (batch.length > 0) yield batch;
}

async function wholeOf(source: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge("The object", most, "set SplitType to Line");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The lines that end in each chunk: one step for all of them, since a step for each would cost more than its line. */
async function* linesOf(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = [];
  let bytes = 0;
  const finish = (end: Buffer): Buffer => {
    const line = begun.length === 0 ? end : Buffer.concat([...begun, end]);
    begun = [];
    bytes = 0;
    if (line.length > most) throw tooLarge("A record", most);
    return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
  };
  for await (const part of source) {
    const chunk = Buffer.isBuffer(part) ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = finish(chunk.subarray(from, end));
      from = end + 1;
      if (line.length > 0) lines.push(line);
    }
    if (lines.length > 0) yield lines;
    if (from === chunk.length) continue;
    begun.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > most) throw tooLarge("A record", most);
  }
  const last = finish(Buffer.alloc(0));
  if (last.length > 0) yield [last];
}

const NEWLINE = 10;
const RETURN = 13;

function tooLarge(what: string, most: number, instead?: string): BadData {
  const fix = instead === undefined ? "give a larger MaxPayloadInMB" : `${instead}, or give a larger MaxPayloadInMB`;
  return new BadData(`${what} is larger than MaxPayloadInMB (${most / 2 ** 20}): ${fix}.`);
}
