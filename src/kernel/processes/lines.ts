import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A line without an end would fill the memory; CloudWatch Logs takes 256 KiB an event. */
const LONGEST = 200_000;

/** Gives each line of a stream as it comes, the last one also without its newline. Resolves at the end of the stream. */
export function readLines(stream: Readable, take: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (rest.length > LONGEST) {
      take(rest.slice(0, LONGEST));
      rest = rest.slice(LONGEST);
    }
  });
  return new Promise((resolve) => {
    stream.once("close", () => {
      rest += decoder.end();
      if (rest !== "") take(rest);
      resolve();
    });
    stream.once("error", () => stream.destroy());
  });
}
