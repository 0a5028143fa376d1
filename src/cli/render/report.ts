import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes down what our own bug was, for whoever mends it; gives the file's path. */
export function writeReport(error: unknown): string {
  const file = join(tmpdir(), `cauce-report-${Date.now()}.txt`);
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const about = `node ${process.version} ${process.platform} ${process.arch}\n${new Date().toISOString()}\n\n`;
  writeFileSync(file, about + trace + causesOf(error));
  return file;
}

function causesOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return "\n";
  return `\n\nbecause: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}${causesOf(cause)}`;
}
