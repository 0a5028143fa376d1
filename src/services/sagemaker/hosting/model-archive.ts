import { mkdir } from "node:fs/promises";
import { once } from "node:events";
import { Transform, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type ReadEntry, Unpack } from "tar";

/** What is wrong with an archive, to be read by the person who made it. */
export class ArchiveError extends Error {}

export interface ArchiveLimits {
  readonly entries: number;
  readonly bytes: number;
  /** Unpacked bytes for one packed byte, once more than 100 MB are unpacked. */
  readonly ratio: number;
}

const LIMITS: ArchiveLimits = { entries: 50_000, bytes: 30e9, ratio: 200 };
const FREE = 100e6;

/** Unpacks model.tar.gz into a folder: plain files and folders only, inside of it, within limits. */
export async function unpackModel(archive: Readable, folder: string, limits: ArchiveLimits = LIMITS): Promise<void> {
  await mkdir(folder, { recursive: true });
  let problem: string | undefined;
  let entries = 0;
  const unpack = new Unpack({
    cwd: folder,
    strict: true,
    filter: (path, entry) => {
      problem ??=
        findEntryProblem(path, entry as ReadEntry) ??
        (++entries > limits.entries ? "it has too many entries" : undefined);
      return problem === undefined;
    },
  });
  try {
    const ended = once(unpack, "close");
    // Whoever fails first is told below; this keeps the other from being an unhandled rejection.
    ended.catch(() => {});
    for await (const chunk of unpacked(archive, limits)) {
      if (problem !== undefined) break;
      if (!unpack.write(chunk as Buffer)) await Promise.race([once(unpack, "drain"), ended]);
    }
    unpack.end();
    if (problem === undefined) await ended;
  } catch (error) {
    throw error instanceof ArchiveError ? error : new ArchiveError(toReason(error));
  }
  if (problem !== undefined) throw new ArchiveError(problem);
}

function findEntryProblem(path: string, entry: ReadEntry): string | undefined {
  const shown = JSON.stringify(path.slice(0, 100));
  if (path.startsWith("/")) return `it has the absolute path ${shown}`;
  if (path.split("/").includes("..")) return `its path ${shown} leads out of the folder`;
  if (path.includes("\0")) return "it has a path with a zero byte";
  if (
    entry.type === "File" ||
    entry.type === "OldFile" ||
    entry.type === "ContiguousFile" ||
    entry.type === "Directory"
  )
    return undefined;
  return `${shown} is neither a file nor a folder (${entry.type})`;
}

/** The tar, with both sides of the compression counted while it passes. */
function unpacked(archive: Readable, limits: ArchiveLimits): AsyncIterable<Buffer> {
  let packed = 0;
  let bytes = 0;
  const gunzip = createGunzip();
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const tooMuch = bytes > limits.bytes || (bytes > FREE && bytes > packed * limits.ratio);
      done(tooMuch ? new ArchiveError("it unpacks to too many bytes") : null, chunk);
    },
  });
  archive.on("data", (chunk: Buffer) => {
    packed += chunk.length;
  });
  archive.on("error", (error) => count.destroy(error));
  gunzip.on("error", (error) => count.destroy(error));
  count.on("close", () => {
    archive.destroy();
    gunzip.destroy();
  });
  return archive.pipe(gunzip).pipe(count);
}

function toReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "Z_DATA_ERROR" || code === "Z_BUF_ERROR") return "it is not compressed with gzip, or is cut off";
  if (code === "TAR_BAD_ARCHIVE" || code === "TAR_ENTRY_INVALID") return "it is not a tar archive";
  return message;
}
