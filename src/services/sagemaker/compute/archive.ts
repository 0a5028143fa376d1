import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type ReadEntry } from "tar";
import { CauceError } from "#core";

export interface ArchiveLimits {
  readonly bytes: number;
  readonly entries: number;
  /** Unpacked to packed. */
  readonly ratio: number;
}

const LIMITS: ArchiveLimits = { bytes: 20 * 2 ** 30, entries: 100_000, ratio: 500 };

/** Unpacks a gzip tar that somebody else made: plain files and folders below `folder`, within limits, or a `CauceError`. */
export async function extractArchive(archive: string, folder: string, limits: ArchiveLimits = LIMITS): Promise<void> {
  const { size } = await stat(archive);
  const most = Math.min(limits.bytes, Math.max(size * limits.ratio, 2 ** 20));
  await mkdir(folder, { recursive: true });
  let refused: CauceError | undefined;
  let entries = 0;
  const refuse = (why: string) => {
    refused ??= unsafeArchive(why);
    return false;
  };
  const unpack = extract({
    cwd: folder,
    strict: true,
    preserveOwner: false,
    noMtime: true,
    filter(path, entry) {
      if (++entries > limits.entries) return refuse(`it has more than ${limits.entries} entries`);
      if (path.startsWith("/") || path.split(/[/\\]/).includes("..")) return refuse(`${path} leads out of its folder`);
      const { type } = entry as ReadEntry;
      return KINDS.has(type) || refuse(`${path} is a ${type}; only files and folders are taken`);
    },
  });
  try {
    await pipeline(createReadStream(archive), createGunzip(), limited(most), unpack);
  } catch (error) {
    if (error instanceof CauceError) throw error;
    throw (
      refused ??
      unsafeArchive(`it is not a gzip tar (${error instanceof Error ? error.message : String(error)})`, error)
    );
  }
  if (refused) throw refused;
}

const KINDS = new Set(["File", "OldFile", "ContiguousFile", "Directory", "GNUDumpDir"]);

function limited(most: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      done(seen > most ? unsafeArchive(`it unpacks to more than ${most} bytes`) : null, chunk);
    },
  });
}

function unsafeArchive(why: string, cause?: unknown): CauceError {
  return new CauceError(
    {
      code: "ArchiveRefused",
      what: "The archive was not unpacked.",
      why: `${why[0]?.toUpperCase()}${why.slice(1)}.`,
      fix: "Pack it again: tar -czf, with plain files and folders at its root.",
    },
    { cause },
  );
}
