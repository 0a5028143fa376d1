import { createWriteStream } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { messageOf, randomIds } from "#core";
import { AwsFault } from "#protocol";
import { invalidParameter } from "./faults.ts";

/** AWS: 250 MB of unpacked code, layers included. From the quotas page. */
const MOST_UNPACKED = 262_144_000;
const MOST_ENTRIES = 100_000;
const FILE_TYPE = 0o170_000;
const SYMLINK = 0o120_000;
const REGULAR = 0o100_000;
const DIRECTORY = 0o040_000;

/** Unpacks a zip into a new folder, all or nothing. What it may not hold is refused with a fault that names the entry. */
export async function unpackCode(zip: string, folder: string): Promise<void> {
  // A folder for each: two functions of the same code, made at once, must not write into each other's.
  const partial = `${folder}.${randomIds.token(8)}.partial`;
  await mkdir(partial, { recursive: true });
  try {
    await unpack(zip, partial);
    await chmod(partial, 0o755);
    await rename(partial, folder).catch((error: NodeJS.ErrnoException) => {
      // Two functions of the same code at once: the other was first.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function unpack(path: string, folder: string): Promise<void> {
  const zip = await openZip(path);
  const made = new Set<string>();
  let [entries, bytes] = [0, 0];
  try {
    for await (const entry of zip.eachEntry()) {
      entries++;
      // yauzl holds an entry to the size that it declares, so the sum is what really gets written.
      bytes += entry.uncompressedSize;
      if (entries > MOST_ENTRIES) throw invalidParameter(`The package holds more than ${MOST_ENTRIES} files.`);
      if (bytes > MOST_UNPACKED) throw invalidParameter(`Unzipped size must be smaller than ${MOST_UNPACKED} bytes`);
      await extract(zip, entry, { folder, made });
    }
  } catch (error) {
    throw isOurs(error) ? error : notUnzipped(error);
  } finally {
    zip.close();
  }
  if (entries === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { autoClose: false, strictFileNames: true });
  } catch (error) {
    throw notUnzipped(error);
  }
}

/** A fault, or the disk's failure; the rest is what yauzl and zlib say of a broken zip. */
function isOurs(error: unknown): boolean {
  if (error instanceof AwsFault) return true;
  return error instanceof Error && "syscall" in error && !NAMES.has((error as NodeJS.ErrnoException).code ?? "");
}

/** What the disk says of names that cannot be: a file that is a folder too, one that is too long. */
const NAMES = new Set(["EEXIST", "EISDIR", "ENOTDIR", "ENAMETOOLONG", "EILSEQ", "EINVAL"]);

/** AWS: one sentence for everything that is not a good zip; the reason is ours to add. */
function notUnzipped(error: unknown) {
  return invalidParameter(
    `Could not unzip uploaded file. Please check your file, then try to upload again. (${messageOf(error)})`,
  );
}

interface Target {
  readonly folder: string;
  /** Folders that are there already. */
  readonly made: Set<string>;
}

async function extract(zip: ZipFile, entry: Entry, { folder, made }: Target): Promise<void> {
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & FILE_TYPE;
  if (type === SYMLINK)
    throw invalidParameter(`The package holds a link, ${entry.fileName}: Cauce takes files and folders only.`);
  if (type !== 0 && type !== REGULAR && type !== DIRECTORY) {
    throw invalidParameter(`The package holds ${entry.fileName}, which is neither a file nor a folder.`);
  }
  const path = join(folder, entry.fileName);
  const parent = entry.fileName.endsWith("/") ? path : dirname(path);
  if (!made.has(parent)) {
    await mkdir(parent, { recursive: true });
    made.add(parent);
  }
  if (entry.fileName.endsWith("/")) return;
  // Read-only, and open to the user that a worker runs as.
  const permissions = mode & 0o111 ? 0o555 : 0o444;
  if (entry.uncompressedSize === 0) {
    await writeFile(path, "", { mode: permissions });
    return;
  }
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { mode: permissions }));
}
